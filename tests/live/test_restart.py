"""A new start that is wished comes once: neither lost in a store that is busy, nor wished by one that was."""

from __future__ import annotations

import pytest

from appliance.errors import StoreError
from appliance.live import restart
from appliance.live.restart import Restart
from appliance.store import Desired


@pytest.fixture(autouse=True)
def _asked_at_once(monkeypatch):
    monkeypatch.setattr(restart, "ASK_EVERY_S", -1.0)


@pytest.fixture
def busy(monkeypatch):
    """Makes the store one that cannot be read, or can again."""
    usual = Desired.settings

    def refuse(_):
        raise StoreError("people.db: is in use by another program")

    return lambda now: monkeypatch.setattr(Desired, "settings", refuse if now else usual)


def test_a_wish_is_obeyed_once_and_one_of_before_not_at_all(tmp_path):
    restart.wish(tmp_path, "test")
    engine = Restart(tmp_path)
    assert not engine.wished
    restart.wish(tmp_path, "test")
    assert engine.wished
    assert not Restart(tmp_path).wished
    engine.close()


def test_a_wish_that_could_not_be_read_at_once_is_read_again(tmp_path, busy):
    restart.wish(tmp_path, "test")
    engine = Restart(tmp_path)
    assert not engine.wished
    restart.wish(tmp_path, "test")
    busy(True)
    assert not engine.wished
    busy(False)
    assert engine.wished
    engine.close()


def test_a_wish_of_before_that_could_not_be_read_at_the_start_is_no_new_one(tmp_path, busy):
    """Else the engine would start anew again and again while the store is slow."""
    restart.wish(tmp_path, "test")
    busy(True)
    engine = Restart(tmp_path)
    busy(False)
    assert not engine.wished
    restart.wish(tmp_path, "test")
    assert engine.wished
    engine.close()


def test_a_new_start_that_would_end_a_recording_is_told_instead(tmp_path):
    engine = Restart(tmp_path, possible=False)
    restart.wish(tmp_path, "test")
    assert not engine.wished
    assert "recording" in (engine.fault or "")
    engine.close()

"""When a box counts as come up."""

from __future__ import annotations

import time
from contextlib import ExitStack

import pytest

from appliance import measuring
from appliance.box import health
from appliance.box.places import Places
from appliance.errors import MofyError
from tests.box.machine import Manager, made

PATIENCE_S = 0.3


@pytest.fixture
def places(tmp_path, monkeypatch) -> Places:
    """A box of one release, whose engine has not reported yet; nobody waits for it long."""
    monkeypatch.setattr(health, "STEADY_S", 0.05)
    monkeypatch.setattr(health, "SETTLED_S", PATIENCE_S)
    places = Places(tmp_path)
    places.runtime.mkdir(parents=True)
    places.current.symlink_to(made(places, "1.0-aa").folder)
    return places


def test_the_time_in_which_it_measures_itself_does_not_count(places):
    began = time.monotonic()
    with ExitStack() as measured:
        measured.enter_context(measuring.under_way(places.runtime))

        def nap(_: float) -> None:
            time.sleep(0.02)
            if time.monotonic() - began > 3 * PATIENCE_S:
                measured.close()
                Manager(places).restart()

        health.settle(places, "1.0", Manager(places), sleep=nap)
    assert time.monotonic() - began > 3 * PATIENCE_S


def test_an_engine_that_never_reports_is_told_by_name(places):
    with pytest.raises(MofyError, match="did not come up within 0 s"):
        health.settle(places, "1.0", Manager(places))


def test_an_engine_that_ends_again_and_again_is_not_waited_for(places, monkeypatch):
    """While it is waited for there is no picture."""
    monkeypatch.setattr(health, "SETTLED_S", 60.0)
    began = time.monotonic()
    with pytest.raises(MofyError, match=r"ended 5 times: .*no engine has reported"):
        health.settle(places, "1.0", Manager(places, ends=health.MOST_ENDS))
    assert time.monotonic() - began < 30.0


def test_the_engine_of_before_is_not_taken_for_the_new_one(places):
    """It may still report while it is asked to end."""
    Manager(places).restart()
    with pytest.raises(MofyError, match="has not reported since it was started"):
        health.settle(places, "1.0", Manager(places), health.engine(places))


def test_a_clock_that_is_set_back_meanwhile_refuses_no_release(places, monkeypatch):
    """As a network does to a box that started in the future."""
    Manager(places).restart()
    before, right = health.engine(places), time.time() - 86400.0
    monkeypatch.setattr(time, "time", lambda: right)
    Manager(places).restart()
    health.settle(places, "1.0", Manager(places), before)


def test_a_release_whose_doctor_finds_something_wrong_fails_its_self_test(tmp_path):
    release = made(Places(tmp_path), "1.0-aa")
    finding = "ok       packages  all\nwrong    models    yunet is not as it was shipped: install again"
    release.program.write_text(f"#!/bin/sh\n[ $1 != doctor ] || {{ echo '{finding}'; exit 1; }}\n")
    with pytest.raises(MofyError, match=r"failed its self-test: wrong .*not as it was shipped"):
        health.selftest(release)

"""A session ends whole, whatever ended it."""

from __future__ import annotations

import pytest

from appliance.fleet.agent import opened
from appliance.fleet.card import Card
from appliance.mqtt.connection import Connection
from tests.fleet.boxes import Box
from tests.fleet.test_messages import PLACE


def test_a_box_that_cannot_be_described_leaves_no_connection_behind(tmp_path, monkeypatch):
    """It would go on by itself, and the agent begins another session every few seconds."""
    closed: list[Connection] = []
    monkeypatch.setattr(Connection, "start", lambda _: None)
    monkeypatch.setattr(Connection, "close", lambda link, *_: closed.append(link))
    box, answers = Box(tmp_path, "a", PLACE), iter([Card(name="", public="0" * 64)])
    box.found()
    session = opened(box.store, box.fleet, box.folder, lambda: next(answers))
    with pytest.raises(StopIteration):
        session.close()
    assert closed == [session.connection]

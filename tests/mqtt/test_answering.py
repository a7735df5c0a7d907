"""Any topic with any payload: one answer or none, never a fault, nothing wished that could not be by hand."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance import config, status
from appliance.errors import ConfigError
from appliance.live import wishes
from appliance.mqtt.answering import Answerer
from appliance.mqtt.commands import Commands
from appliance.mqtt.enrolment import Enroller
from appliance.mqtt.intake import Intake
from appliance.mqtt.message import Message
from appliance.mqtt.topics import COMMANDS, SETTINGS, Topics
from appliance.status import Status, TrackStatus
from appliance.store import Desired, Store
from appliance.store.people import Template
from tests.scripted import identity

TOPICS = Topics("mofy", "box")
PLACES = [f"{key}/set" for key in SETTINGS] + [f"command/{name}" for name in COMMANDS if name != "enrol"]
words = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)
places = st.sampled_from(PLACES) | st.lists(words, max_size=4).map("/".join)
values = st.none() | st.booleans() | st.integers() | st.floats() | words | st.lists(words, max_size=2)
payloads = (
    st.binary(max_size=40)
    | words.map(str.encode)
    | values.map(lambda value: json.dumps({"value": value}).encode())
    | st.dictionaries(words, values, max_size=3).map(lambda told: json.dumps(told).encode())
)


class Desk:
    """An answerer with a folder, and what it answered."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.said: list[Message] = []
        enroller = Enroller(self.data, config.load())
        commands = Commands(self.data, folder, "all", lambda picture: None, enroller)
        self.answerer = Answerer(TOPICS, commands, lambda message: not self.said.append(message))


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return Desk(tmp_path_factory.mktemp("desk"))


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(place=places, payload=payloads, response=st.none() | words)
def test_any_order_is_done_or_refused(desk, place, payload, response):
    before = len(desk.said)
    desk.answerer.obey(Message(f"mofy/box/{place}", payload, response=response, correlation=b"c"))
    for message in desk.said[before:]:
        told = json.loads(message.payload)
        assert told["ok"] is ("error" not in told)
        assert "\n" not in told.get("error", "")
        assert not message.retain
    assert len(desk.said) - before <= 1
    for key, value in Desired(desk.data).settings().items():
        if key != "restart":
            try:
                assert wishes.checked(key, value) == value
            except ConfigError as error:
                raise AssertionError(f"{key} was wished to be {value!r}") from error


@given(st.lists(st.tuples(places, st.binary(max_size=30), st.booleans()), max_size=30))
def test_the_intake_takes_or_refuses_whatever_comes(messages):
    refused = []
    intake = Intake(TOPICS, lambda message, why: refused.append(why))
    for place, payload, retain in messages:
        intake.take(Message(f"mofy/box/{place}", payload, retain=retain))
    taken = 0
    while (message := intake.next(0)) is not None:
        assert not message.retain
        taken += 1
    assert taken <= len(messages)


def test_a_face_is_revealed_in_the_run_of_the_engine_in_which_it_was_seen(desk, monkeypatch):
    """An engine that starts anew at this very moment gives the same number to somebody else."""
    reports = iter([seen("before"), seen("after"), seen("after")])
    monkeypatch.setattr(status, "read", lambda runtime: next(reports))
    desk.answerer.obey(Message("mofy/box/command/reveal", b"3"))
    assert [claim.run for claim in Desired(desk.data).claims(0.0) if claim.kind == "reveal"] == ["before"]


@pytest.mark.parametrize("command", ["reveal", "cover"])
def test_a_number_of_an_earlier_run_of_the_engine_means_nobody_now(tmp_path, monkeypatch, command):
    desk = Desk(tmp_path)
    monkeypatch.setattr(status, "read", lambda runtime: seen("now"))
    for run in ("before", "now"):
        desk.answerer.obey(Message(f"mofy/box/command/{command}", json.dumps({"track": 3, "run": run}).encode()))
    before, now = [json.loads(message.payload) for message in desk.said]
    assert (before["ok"], before["field"], now["ok"]) == (False, "run", True)
    assert [(claim.kind, claim.run) for claim in Desired(desk.data).claims(0.0)] == [(command, "now")]


def seen(run: str) -> Status:
    """What an engine reports that sees face 3."""
    face = TrackStatus(3, (0, 0, 9, 9), None)
    return Status("running", time.time(), 1, "0.1.0", "walk", "rtsp://127.0.0.1:8554/live", tracks=(face,), run=run)


def test_who_is_switched_on_is_who_was_meant_whoever_bears_the_name_now(tmp_path, monkeypatch):
    desk, looks = Desk(tmp_path), iter(range(3))
    crop = np.zeros((112, 112, 3), np.uint8)
    store = Store.open(desk.data, create=True)
    for name in ("Anna", "Bert"):
        store.enrol(name, [Template("m", identity(name), crop, 0.9, 0.1)], "test")
        store.change(name, "test", enabled=False)
    anna, listed = store.known("Anna").id, Store.people

    def then_swapped(asked):
        found = listed(asked)
        if next(looks) == 0:
            store.change("Anna", "other phone", new_name="Carla")
            store.change("Bert", "other phone", new_name="Anna")
        return found

    monkeypatch.setattr(Store, "people", then_swapped)
    desk.answerer.obey(Message(f"mofy/box/person/{anna}/set", b"ON"))
    assert {one.name: one.enabled for one in store.people()} == {"Anna": False, "Carla": True}

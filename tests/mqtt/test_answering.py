"""Any topic with any payload: one answer or none, never a fault, nothing wished that could not be by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance import config
from appliance.errors import ConfigError
from appliance.live import wishes
from appliance.mqtt.answering import Answerer
from appliance.mqtt.commands import Commands
from appliance.mqtt.enrolment import Enroller
from appliance.mqtt.intake import Intake
from appliance.mqtt.message import Message
from appliance.mqtt.topics import COMMANDS, SETTINGS, Topics
from appliance.store import Desired

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

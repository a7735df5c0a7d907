"""Home Assistant's discovery: held against the table of topics, and against Home Assistant's own schemas where it is.

MOFY_HOME_ASSISTANT names a Python that has the package homeassistant (and paho-mqtt): it is not among our own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from appliance import config
from appliance.live import wishes
from appliance.mqtt.discovery import discovery
from appliance.mqtt.topics import TABLE, Topics
from appliance.store.people import Enrolled

TOPICS = Topics("mofy", "k3f9q2x7")
ADA = Enrolled("0123456789abcdef", "Ada", "", True, 0.0, None, 1)

CHECK = """
import importlib, json, sys
from homeassistant.components.mqtt.discovery import SUPPORTED_COMPONENTS, TOPIC_MATCHER
for topic, payload in json.load(sys.stdin).items():
    match = TOPIC_MATCHER.match(topic.partition("/")[2])
    assert match and match["component"] in SUPPORTED_COMPONENTS, topic
    schema = importlib.import_module("homeassistant.components.mqtt." + match["component"]).DISCOVERY_SCHEMA
    # What a schema does not know it drops.
    assert payload.keys() <= schema(dict(payload, platform="mqtt")).keys(), topic
"""


def announced(names: bool = False) -> dict[str, dict]:
    found = discovery("homeassistant", TOPICS, [ADA], names, config.load())
    return {topic: json.loads(payload) for topic, payload in found.items()}


def test_every_topic_named_is_one_of_the_table():
    known = [row.topic.replace("BOX", TOPICS.box).split("/") for row in TABLE]
    for topic, told in announced().items():
        for key, named in told.items():
            if key.endswith("_topic"):
                levels = named.split("/")
                fits = [row for row in known if len(row) == len(levels) and all(map(_fits, row, levels))]
                assert fits, f"{topic}: {key} {named}"


def _fits(part: str, level: str) -> bool:
    return part == level or part.isupper()


def test_each_entity_is_one_and_belongs_to_the_box():
    found = announced()
    assert len({told["unique_id"] for told in found.values()}) == len(found)
    for topic, told in found.items():
        assert re.fullmatch(r"homeassistant/\w+/mofy_k3f9q2x7/[A-Za-z0-9_-]+/config", topic)
        assert told["device"]["identifiers"] == ["mofy_k3f9q2x7"]
        assert told["availability_topic"] == "mofy/k3f9q2x7/availability"


def test_all_that_can_be_set_has_its_control():
    controls = {told["command_topic"] for told in announced().values() if "command_topic" in told}
    assert {TOPICS.of(key, "set") for key in wishes.KEYS} <= controls
    numbers = {topic: told for topic, told in announced().items() if "/number/" in topic}
    assert {(told["min"], told["max"]) for told in numbers.values()} == {(1, 5), (0.0, 2.0), (1, 120)}
    modes = announced()["homeassistant/select/mofy_k3f9q2x7/mode/config"]["options"]
    assert modes == ["selective", "cover-everyone", "slate"]


def test_people_have_switches_with_names_only_when_shared():
    (person,) = [told for topic, told in announced().items() if "/person_" in topic]
    assert person["name"] == "Person 0123"
    assert "Ada" not in json.dumps(announced())
    (named,) = [told for topic, told in announced(names=True).items() if "/person_" in topic]
    assert named["name"] == "Ada"


def test_home_assistant_itself_takes_all_of_it(tmp_path: Path):
    python = os.environ.get("MOFY_HOME_ASSISTANT")
    if not python:
        pytest.skip("MOFY_HOME_ASSISTANT names no Python with Home Assistant in it")
    done = subprocess.run(
        [python, "-c", CHECK], input=json.dumps(announced()), capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr

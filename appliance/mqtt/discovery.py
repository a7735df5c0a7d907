"""Home Assistant's discovery: the box as a device whose entities appear by themselves.

One retained message an entity, which every Home Assistant since 2023.8 understands; an empty one takes it back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from appliance import __version__, parts
from appliance.live import wishes
from appliance.mqtt.reports import packed
from appliance.mqtt.topics import EVENTS, SETTINGS, Topics
from appliance.options import Config
from appliance.store.people import Enrolled

Entity = tuple[str, str, dict[str, Any]]
"""Component, name within the box, and what is particular of it."""

PERSON = "person_"
"""What names of people's entities begin with."""

SENSORS = (
    ("covered", "Faces covered", {"state_class": "measurement", "icon": "mdi:incognito"}),
    ("shown", "Faces shown", {"state_class": "measurement", "icon": "mdi:face-recognition"}),
    ("fps", "Frames a second", {"state_class": "measurement", "icon": "mdi:filmstrip"}),
    ("latency_ms", "Latency", {"device_class": "duration", "unit_of_measurement": "ms", "state_class": "measurement"}),
    (
        "temperature_c",
        "Temperature",
        {"device_class": "temperature", "unit_of_measurement": "°C", "state_class": "measurement"},
    ),
    ("clients", "Watching", {"state_class": "measurement", "icon": "mdi:television-play"}),
    ("state", "State", {"icon": "mdi:cctv"}),
)
"""Key of the state, name, and the rest."""

PLAIN = ("covered", "shown")
"""Sensors that stand among what a person uses; the others are for who looks after the box."""

ALARMS = (
    ("problem", "Fault", "problem", "value_json.faults"),
    ("no_picture", "No picture", "problem", "value_json.state not in ('running', 'slate')"),
    ("throttled", "Throttled", "heat", "value_json.throttled"),
    ("recording", "Recording", "running", "value_json.recording"),
)
"""Name within the box, name, device class, and when it is on."""

BUTTONS = (
    ("restart", "Restart the camera", {"device_class": "restart", "entity_category": "config"}),
    ("snapshot", "Snapshot", {"icon": "mdi:camera"}),
    ("forget-guests", "Forget guests", {"icon": "mdi:account-cancel"}),
)
"""Command, name, and the rest."""

WORDS = {"mode": "Mode", "style": "Style", "strength": "Strength", "margin": "Margin", "outline": "Outline"}
WORDS |= {"window": "Look-ahead", "record": "Record", "sound": "Sound", "disguise": "Voices", "sign": "Sign"}
ICONS = {"mode": "mdi:shield-account", "style": "mdi:blur", "record": "mdi:record-rec"}


def discovery(prefix: str, topics: Topics, people: Sequence[Enrolled], names: bool, config: Config) -> dict[str, bytes]:
    """Every entity of the box: payload by topic."""
    found = {}
    for component, name, particular in (*_fixed(topics, config), *_people(topics, people, names)):
        told = {"unique_id": f"mofy_{topics.box}_{name}", **particular, **_common(topics)}
        found[topic(prefix, topics, component, name)] = packed(told)
    return found


def topic(prefix: str, topics: Topics, component: str, name: str) -> str:
    """Where an entity is announced."""
    return f"{prefix}/{component}/mofy_{topics.box}/{name}/config"


def _common(topics: Topics) -> dict[str, Any]:
    device = {
        "identifiers": [f"mofy_{topics.box}"],
        "name": f"MOFY {topics.box}",
        "manufacturer": "MOFY",
        "model": "privacy camera box",
        "sw_version": __version__,
    }
    return {
        "availability_topic": topics.of("availability"),
        "qos": 1,
        "device": device,
        "origin": {"name": "MOFY", "sw_version": __version__},
    }


def _fixed(topics: Topics, config: Config) -> Iterator[Entity]:
    yield _panic(topics)
    yield from (_setting(topics, key, config) for key in SETTINGS)
    yield from (_sensor(topics, *row) for row in SENSORS)
    yield from (_alarm(topics, *row) for row in ALARMS)
    yield from (_button(topics, *row) for row in BUTTONS)
    picture = {"image_topic": topics.of("snapshot"), "content_type": "image/jpeg"}
    yield "image", "picture", {"name": "Snapshot", **picture}
    yield "event", "event", {"name": "Event", "state_topic": topics.of("event", "+"), "event_types": list(EVENTS)}
    version = {"state_topic": topics.of("update"), "device_class": "firmware", "entity_category": "diagnostic"}
    yield "update", "update", {"name": "Version", **version}


def _panic(topics: Topics) -> Entity:
    told = {
        "name": "Cover everyone",
        "icon": "mdi:incognito",
        "command_topic": topics.of("mode", "set"),
        "state_topic": topics.of("mode", "state"),
        "value_template": "{{ 'selective' if value == 'selective' else 'cover-everyone' }}",
        "payload_on": "cover-everyone",
        "payload_off": "selective",
    }
    return "switch", "cover_everyone", told


def _setting(topics: Topics, key: str, config: Config) -> Entity:
    told = {
        "name": WORDS.get(key, key.capitalize()),
        "command_topic": topics.of(key, "set"),
        "state_topic": topics.of(key, "state"),
    }
    if key in ICONS:
        told["icon"] = ICONS[key]
    if key != wishes.MODE:
        told["entity_category"] = "config"
    component, particular = _control(key, config)
    return component, key, {**told, **particular}


def _control(key: str, config: Config) -> tuple[str, Mapping[str, Any]]:
    """Component and the rest, by what values a setting takes."""
    if key == wishes.MODE:
        return "select", {"options": list(wishes.MODES)}
    if key == "style":
        return "select", {"options": parts.names("masks")}
    if key == wishes.SOUND:
        return "select", {"options": list(wishes.SOUNDS)}
    section, name = wishes.OPTIONS.get(key, ("record", "on"))
    field = type(getattr(config, section)).model_fields[name]
    if field.annotation is bool:
        return "switch", {"payload_on": "true", "payload_off": "false"}
    if named := get_args(field.annotation):
        return "select", {"options": list(named)}
    if field.annotation in (int, float):
        ends = {kind: getattr(bound, kind) for bound in field.metadata for kind in ("ge", "le") if hasattr(bound, kind)}
        step = 1 if field.annotation is int else 0.05
        return "number", {"min": ends["ge"], "max": ends["le"], "step": step, "mode": "slider"}
    return "text", {"max": 100}


def _sensor(topics: Topics, key: str, name: str, rest: Mapping[str, str]) -> Entity:
    told = {"name": name, "state_topic": topics.of("state"), "value_template": f"{{{{ value_json.{key} }}}}", **rest}
    return "sensor", key, told if key in PLAIN else {**told, "entity_category": "diagnostic"}


def _alarm(topics: Topics, key: str, name: str, kind: str, when: str) -> Entity:
    told = {
        "name": name,
        "device_class": kind,
        "entity_category": "diagnostic",
        "state_topic": topics.of("state"),
        "value_template": f"{{{{ 'ON' if {when} else 'OFF' }}}}",
    }
    if kind == "problem":
        told["json_attributes_topic"] = topics.of("state")
    return "binary_sensor", key, told


def _button(topics: Topics, command: str, name: str, rest: Mapping[str, str]) -> Entity:
    pressed = {"command_topic": topics.of("command", command), "payload_press": "{}"}
    return "button", command.replace("-", "_"), {"name": name, **pressed, **rest}


def _people(topics: Topics, people: Sequence[Enrolled], names: bool) -> Iterator[Entity]:
    for one in people:
        told = {
            "name": one.name if names else f"Person {one.id[:4]}",
            "icon": "mdi:account",
            "command_topic": topics.of("person", one.id, "set"),
            "state_topic": topics.of("person", one.id, "state"),
        }
        yield "switch", f"{PERSON}{one.id}", told

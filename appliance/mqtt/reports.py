"""What the box says of itself, as payloads. Never a name that was not asked for, never a picture or what a face is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from appliance import __version__
from appliance.live import wishes
from appliance.mqtt.facts import Facts
from appliance.mqtt.topics import SETTINGS, Topics
from appliance.store.people import Enrolled

ONLINE, OFFLINE = b"online", b"offline"
ON, OFF = b"ON", b"OFF"

RESTLESS = ("at", "fps", "latency_ms", "temperature_c", "clients")
"""What of the state changes all the time: told with the rest, and at the interval."""


def state(facts: Facts) -> dict[str, Any]:
    """What the box is doing."""
    status = facts.status
    obeyed = facts.wishes.over(facts.config).look
    told: dict[str, Any] = {
        "state": status.state if status else "gone",
        "mode": status.mode if status else obeyed.mode,
        "style": obeyed.style,
        "covered": status.covered if status else 0,
        "shown": status.shown if status else 0,
        "sound": status.sound if status else "off",
        "recording": bool(status and status.recording),
        "faults": list(status.faults) if status else [],
        "people": len(facts.people),
        "fps": status.fps if status else 0.0,
        "latency_ms": round(status.latency_ms.get("delay", 0.0)) if status else 0,
        "temperature_c": status.temperature_c if status else None,
        "throttled": status.throttled if status else "",
        "clients": status.clients if status else 0,
        "tracks": [{"id": track.id, "shown": track.person is not None} for track in status.tracks] if status else [],
        "run": status.run if status else "",
        "claims": [asdict(claim) for claim in status.claims] if status else [],
        "version": status.version if status else __version__,
        "at": round(facts.at, 1),
    }
    return told


def calm(state: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a state whose change is worth a message of its own."""
    return {key: value for key, value in state.items() if key not in RESTLESS}


def people(facts: Facts, names: bool) -> dict[str, Any]:
    """Who is enrolled and whether shown now, by id; with names if these may be told."""
    told: dict[str, Any] = {"people": [_person(one, facts.at, names) for one in facts.people]}
    return told if facts.people_fault is None else {**told, "fault": facts.people_fault}


def _person(one: Enrolled, now: float, names: bool) -> dict[str, Any]:
    named = {"name": one.name} if names else {}
    expired = one.expires_at is not None and one.expires_at <= now
    return {
        "id": one.id,
        **named,
        "enabled": one.enabled,
        "expires_at": one.expires_at,
        "expired": expired,
        "photos": one.photos,
    }


def settings(facts: Facts) -> dict[str, str]:
    """What each setting is, by its key."""
    return {key: _text(setting(facts, key)) for key in SETTINGS}


def setting(facts: Facts, key: str) -> Any:
    """What is obeyed of one setting: as wished, else as the engine is started."""
    config = facts.wishes.over(facts.config)
    if key == wishes.MODE:
        return facts.status.mode if facts.status else config.look.mode
    if key == wishes.RECORD:
        wished = facts.wishes.record
        return wished if wished is not None else bool(facts.config.record.folder and facts.config.record.on)
    if key == wishes.SOUND:
        wished_sound = facts.wishes.sound
        muted = facts.config.sound.mute if wished_sound is None else wished_sound != "on"
        return "mute" if muted else "on"
    section, name = wishes.OPTIONS[key]
    return getattr(getattr(config, section), name)


def retained(facts: Facts, topics: Topics, names: bool) -> dict[str, bytes]:
    """Everything that the broker is to keep of the box, but for `state` and availability: payload by topic."""
    told = {
        topics.of("people"): packed(people(facts, names)),
        topics.of("update"): packed(facts.update),
    }
    told |= {topics.of(key, "state"): text.encode() for key, text in settings(facts).items()}
    told |= {topics.of("person", one.id, "state"): ON if one.enabled else OFF for one in facts.people}
    return told


def packed(told: Mapping[str, Any]) -> bytes:
    """JSON, as short as it can be."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

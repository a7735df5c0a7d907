"""Which boxes are on a broker, and what they are doing: members by their cards, the others by what they tell openly."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from appliance import __version__, status
from appliance.errors import MofyError
from appliance.fleet.card import Card
from appliance.fleet.words import plain
from appliance.live.wishes import wished_mode
from appliance.mqtt.message import Message
from appliance.store.membership import Member


@dataclass(frozen=True, slots=True)
class Row:
    """One box."""

    box: str
    name: str = ""
    member: bool = False
    online: bool = False
    state: str = ""
    mode: str = ""
    fps: float = 0.0
    version: str = ""
    faults: tuple[str, ...] = ()


@dataclass(slots=True)
class Roll:
    """What was heard of boxes on the open topics."""

    base: str = "mofy"
    _online: dict[str, bool] = field(default_factory=dict)
    _states: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def topics(self) -> list[str]:
        """What it must hear."""
        return [f"{self.base}/+/availability", f"{self.base}/+/state"]

    def hear(self, message: Message) -> None:
        """Take note; what makes no sense is passed over."""
        _, box, kind = message.topic.removeprefix(self.base).split("/", 2)
        if kind == "availability":
            self._online[box] = message.payload == b"online"
        elif not message.payload:
            self._states.pop(box, None)
        else:
            try:
                state = json.loads(message.payload)
            except (ValueError, RecursionError):
                return
            if isinstance(state, dict):
                self._states[box] = state

    def rows(self, members: Iterable[Member] = (), cards: Mapping[str, Card] = {}) -> list[Row]:
        """Every box heard of, members first, by name."""
        found = {box: self._open(box) for box in self._online.keys() | self._states.keys()}
        for member in members:
            if not member.removed:
                row = found.get(member.box, Row(member.box))
                found[member.box] = _with_card(replace(row, name=member.name, member=True), cards.get(member.box))
        return sorted(found.values(), key=lambda row: (not row.member, row.name, row.box))

    def _open(self, box: str) -> Row:
        state = self._states.get(box, {})
        faults, fps = state.get("faults"), state.get("fps")
        return Row(
            plain(box),
            online=self._online.get(box, False),
            state=_told(state, "state"),
            mode=_told(state, "mode"),
            fps=float(fps) if isinstance(fps, float) and math.isfinite(fps) else 0.0,
            version=_told(state, "version"),
            faults=tuple(plain(str(fault)[:300]) for fault in faults[:20]) if isinstance(faults, list) else (),
        )


def _told(state: Mapping[str, Any], key: str) -> str:
    return plain(str(state.get(key, ""))[:40])


def _with_card(row: Row, card: Card | None) -> Row:
    """The card is sealed by the box itself, so it counts more than what anybody on the broker may tell."""
    if card is None:
        return row
    return replace(
        row,
        online=card.online,
        state=card.state,
        mode=card.mode,
        fps=card.fps,
        version=card.version,
        faults=tuple(card.faults),
    )


def describe(data: Path) -> Card:
    """What this box is like now, but for its name and keys."""
    blank = {"name": "", "public": "0" * 64, "version": __version__, "mode": wished_mode(data), "state": "gone"}
    try:
        now = status.read(status.runtime_folder(data))
    except MofyError:
        return Card.model_validate(blank)
    if status.is_stale(now, time.time()):
        return Card.model_validate(blank)
    told = {"mode": now.mode, "state": now.state, "fps": round(now.fps, 1), "faults": [f[:300] for f in now.faults]}
    return Card.model_validate(blank | told)

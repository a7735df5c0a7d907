"""What happened since the last look: told once, never kept by the broker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from appliance.mqtt.facts import Facts

LEFT_S = 2.0
"""So long out of the picture, and somebody has left it."""

PHOTOS = re.compile(r"person (?P<person>\w+): (?P<photos>\d+) photos added\Z")
REMOVED = re.compile(r"person (?P<person>\w+): removed\Z")

LOGINS = {"logged in": True, "a wrong PIN was entered": False}
"""What the page notes down, and whether somebody was let in."""

Happening = tuple[str, dict[str, Any]]
"""Kind, as in topics.EVENTS, and what is told."""


class Happenings:
    """Compares each look with the one before. The first one tells nothing but faults: all of it is old."""

    def __init__(self, names: bool) -> None:
        self._names = names
        self._seen: dict[str, float] = {}
        self._faults: frozenset[str] = frozenset()
        self._told_until: tuple[float, str, str] | None = None
        self._begun = False

    def since(self, facts: Facts) -> list[Happening]:
        """What happened since the last call, in the order in which it is to be told."""
        found = [*self._people(facts), *self._troubles(facts), *self._changes(facts)]
        self._begun = True
        return [(kind, {"at": round(facts.at, 1), **told}) for kind, told in found]

    def _people(self, facts: Facts) -> Iterator[Happening]:
        tracks = facts.status.tracks if facts.status else ()
        now = {track.person for track in tracks if track.person is not None}
        for person in sorted(now - self._seen.keys()):
            yield "shown", self._person(facts, person)
        self._seen |= dict.fromkeys(now, facts.at)
        for person in [one for one, at in self._seen.items() if not 0 <= facts.at - at <= LEFT_S]:
            del self._seen[person]
            yield "left", self._person(facts, person)

    def _troubles(self, facts: Facts) -> Iterator[Happening]:
        faults = frozenset(facts.status.faults) if facts.status else frozenset({"the engine does not report"})
        for fault in sorted(faults - self._faults):
            yield "fault", {"fault": fault, "over": False}
        for fault in sorted(self._faults - faults):
            yield "fault", {"fault": fault, "over": True}
        self._faults = faults

    def _changes(self, facts: Facts) -> Iterator[Happening]:
        """From the audit, oldest first."""
        new = []
        for entry in facts.audit:
            if entry == self._told_until:
                break
            new.append(entry)
        if facts.audit:
            self._told_until = facts.audit[0]
        if not self._begun:
            return
        for at, who, what in reversed(new):
            if (told := self._change(facts, what)) is not None:
                kind, details = told
                yield kind, {"at": round(at, 1), "by": who, **details}

    def _change(self, facts: Facts, what: str) -> Happening | None:
        if what in LOGINS:
            return "login", {"admitted": LOGINS[what]}
        if match := PHOTOS.match(what):
            return "enrolment", {**self._person(facts, match["person"]), "photos": int(match["photos"])}
        if match := REMOVED.match(what):
            return "enrolment", {"person": match["person"], "removed": True}
        return None

    def _person(self, facts: Facts, person: str) -> dict[str, Any]:
        name = next((one.name for one in facts.people if one.id == person), None) if self._names else None
        return {"person": person} if name is None else {"person": person, "name": name}

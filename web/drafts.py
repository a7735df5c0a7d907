"""Photos that were looked at and not saved yet: in this process's memory, for half an hour, for whoever sent them."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Literal

from appliance.quarantine import Look

Purpose = Literal["enrol", "reject"]

KEPT_S = 1800.0
MOST_DRAFTS = 12
MOST_OF_ONE, MOST_OF_OPERATORS = 2, 6
"""Drafts of one guest, and of all operators, who may have several phones: one goes when another begins."""

REMEMBERED = 50
"""Drafts that ended: a second press, and the way back, lead to what became of them."""

MOST_PHOTOS = 30
"""With all the drafts there can be, and all the faces there can be in each photo, some hundred megabytes at most."""


@dataclass(slots=True, eq=False)
class Draft:
    """What somebody is about to save."""

    owner: str
    """As Visitor tells it: nobody else may see the draft."""
    person: str | None
    """Id of the person whom the photos are added to; None for a new one."""
    purpose: Purpose = "enrol"
    id: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    looks: dict[int, Look] = field(default_factory=dict)
    """By number, from 1, in the order they came."""
    names: dict[int, str] = field(default_factory=dict)
    """What the files were called."""
    name: str = ""
    """What the person is to be called, where that was said before the photos."""
    touched_at: float = field(default_factory=time.monotonic)
    next: int = 1
    saving: threading.Lock = field(default_factory=threading.Lock)
    """Held by who saves it: pressed twice it is saved once."""

    @property
    def worth(self) -> tuple[bool, float]:
        """The smaller, the sooner it makes room: an empty one first, then who was long away."""
        return bool(self.looks), self.touched_at


class Drafts:
    """All of them. May be shared by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._drafts: dict[str, Draft] = {}
        self._ended: dict[str, tuple[str, str | None]] = {}

    def begin(self, made: Draft, most: int = MOST_OF_ONE) -> Draft:
        """Keep a new one; the least of the owner's, who may have so many, and of everybody's make room."""
        with self._lock:
            self._clear()
            own = sorted((one for one in self._drafts.values() if one.owner == made.owner), key=lambda one: one.worth)
            for old in own[: max(len(own) - most + 1, 0)]:
                del self._drafts[old.id]
            while len(self._drafts) >= MOST_DRAFTS:
                del self._drafts[min(self._drafts.values(), key=lambda one: one.worth).id]
            self._drafts[made.id] = made
            return made

    def find(self, id: str, owner: str) -> Draft | None:
        """The owner's draft of this id; None when there is none, or no more."""
        with self._lock:
            self._clear()
            found = self._drafts.get(id)
            if found is None or found.owner != owner:
                return None
            found.touched_at = time.monotonic()
            return found

    def add(self, draft: Draft, name: str, look: Look) -> bool:
        """Put a look into a draft; False when it is full, or another phone saves or has saved it."""
        with self._lock:
            if draft.id not in self._drafts or draft.saving.locked() or len(draft.looks) >= MOST_PHOTOS:
                return False
            draft.looks[draft.next], draft.names[draft.next] = look, name
            draft.next += 1
            return True

    def replace(self, draft: Draft, number: int, look: Look | None) -> None:
        """Put another look in the place of one, or take it away."""
        with self._lock:
            if number in draft.looks:
                if look is None:
                    del draft.looks[number], draft.names[number]
                else:
                    draft.looks[number] = look

    def contents(self, draft: Draft) -> tuple[dict[int, Look], dict[int, str]]:
        """Looks and names of one moment: another phone may take one away."""
        with self._lock:
            return dict(draft.looks), dict(draft.names)

    def end(self, draft: Draft, person: str | None) -> None:
        """Forget a draft, but for which person its visitor was left with, if any."""
        with self._lock:
            if self._drafts.pop(draft.id, None) is not None:
                self._ended[draft.id] = (draft.owner, person)
            while len(self._ended) > REMEMBERED:
                del self._ended[next(iter(self._ended))]

    def has_ended(self, id: str, owner: str) -> bool:
        """True for a draft that its owner ended himself."""
        with self._lock:
            return self._ended.get(id, ("", None))[0] == owner

    def left_with(self, id: str, owner: str) -> str | None:
        """The person in whom such a draft ended; None when there is none."""
        with self._lock:
            ended = self._ended.get(id)
        return ended[1] if ended is not None and ended[0] == owner else None

    def forget(self, owner: str) -> None:
        """Forget every draft of somebody."""
        with self._lock:
            self._drafts = {id: one for id, one in self._drafts.items() if one.owner != owner}
            self._ended = {id: ended for id, ended in self._ended.items() if ended[0] != owner}

    def _clear(self) -> None:
        oldest = time.monotonic() - KEPT_S
        self._drafts = {id: one for id, one in self._drafts.items() if one.touched_at > oldest}

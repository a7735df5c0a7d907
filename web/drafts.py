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
MOST_OF_ONE = 2
"""Drafts of one visitor: the oldest goes when he begins another."""

MOST_PHOTOS = 30
"""With all the drafts there can be, and all the faces there can be in each photo, some hundred megabytes at most."""


@dataclass(slots=True, eq=False)
class Draft:
    """What somebody is about to save."""

    owner: str
    """As access.Visitor tells it: nobody else may see the draft."""
    person: str | None
    """Id of the person whom the photos are added to; None for a new one."""
    purpose: Purpose = "enrol"
    id: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    looks: dict[int, Look] = field(default_factory=dict)
    """By number, from 1, in the order they came."""
    names: dict[int, str] = field(default_factory=dict)
    """What the files were called."""
    touched_at: float = field(default_factory=time.monotonic)
    next: int = 1


class Drafts:
    """All of them. May be shared by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._drafts: dict[str, Draft] = {}

    def begin(self, owner: str, person: str | None, purpose: Purpose = "enrol") -> Draft:
        """A new one; the owner's oldest, and everybody's, make room."""
        with self._lock:
            self._clear()
            own = [one for one in self._drafts.values() if one.owner == owner]
            for old in own[: max(len(own) - MOST_OF_ONE + 1, 0)]:
                del self._drafts[old.id]
            while len(self._drafts) >= MOST_DRAFTS:
                oldest = min(self._drafts.values(), key=lambda one: one.touched_at)
                del self._drafts[oldest.id]
            made = Draft(owner, person, purpose)
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
        """Put a look into a draft; False when there is no room for more."""
        with self._lock:
            if len(draft.looks) >= MOST_PHOTOS:
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

    def end(self, draft: Draft) -> None:
        """Forget a draft."""
        with self._lock:
            self._drafts.pop(draft.id, None)

    def forget(self, owner: str) -> None:
        """Forget every draft of somebody."""
        with self._lock:
            self._drafts = {id: one for id, one in self._drafts.items() if one.owner != owner}

    def _clear(self) -> None:
        oldest = time.monotonic() - KEPT_S
        self._drafts = {id: one for id, one in self._drafts.items() if one.touched_at > oldest}

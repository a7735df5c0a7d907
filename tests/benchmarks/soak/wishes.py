"""What people wish of a box in hours of work, drawn by dice: settings, modes, guests, covers, people on and off."""

from __future__ import annotations

import contextlib
import random
import time

from appliance.errors import MofyError
from appliance.status import Status
from appliance.store import Desired, Store

WHO = "soak"
SETTINGS = {
    "style": ("mosaic", "pixelate", "blur", "solid", "image"),
    "strength": ("1", "3", "5"),
    "margin": ("0.1", "0.25", "0.6"),
    "outline": ("true", "false"),
    "mode": ("selective", "selective", "selective", "cover-everyone", "slate"),
    "window": ("6", "10", "10", "14"),
}
CALM = {"mode": "selective", "window": "10", "style": "mosaic"}
"""What holds while latency and memory are compared."""


class Crew:
    """Wishes something whenever it is asked to."""

    def __init__(self, store: Store, desired: Desired, dice: random.Random) -> None:
        self._store, self._desired, self._dice = store, desired, dice
        self.count = 0

    def calm(self) -> None:
        """As at the beginning."""
        for key, value in CALM.items():
            self._desired.set_setting(key, value, WHO)

    def act(self, now: Status) -> None:
        """One wish about what the engine reports now."""
        self.count += 1
        with contextlib.suppress(MofyError):
            self._dice.choice((self._set, self._set, self._reveal, self._cover, self._switch, self._forget))(now)

    def _set(self, _: Status) -> None:
        key = self._dice.choice(sorted(SETTINGS))
        self._desired.set_setting(key, self._dice.choice(SETTINGS[key]), WHO)

    def _reveal(self, now: Status) -> None:
        if now.tracks:
            track = self._dice.choice(now.tracks).id
            self._desired.reveal(now.run, track, time.time() + self._dice.uniform(5, 60), WHO, "Guest")

    def _cover(self, now: Status) -> None:
        if now.tracks:
            self._desired.cover(now.run, self._dice.choice(now.tracks).id, time.time() + 20, WHO)

    def _switch(self, _: Status) -> None:
        for person in self._store.people():
            self._store.change(person.name, WHO, enabled=self._dice.random() < 0.7)

    def _forget(self, _: Status) -> None:
        self._desired.forget_guests(WHO)

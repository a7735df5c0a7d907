"""Who may be shown, if anybody, and how, as the store says now. Whatever is wrong with it, nobody is."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from appliance.core.identity import NOBODY, Gallery
from appliance.errors import StoreError
from appliance.live.wishes import Wishes, wishes
from appliance.store import DATABASE, KEY, gallery_or_nobody
from appliance.store.watch import Watch

ASK_EVERY_S = 0.05
"""How often the store is asked: a deleted person must be covered within 150 ms."""

RETRY_S = 1.0
"""How often a store that could not be read is tried again although nothing in it changed."""


class PeopleWatch:
    """Asked by the line's thread before every frame."""

    def __init__(self, folder: Path, model: str, now: Callable[[], float] = time.monotonic) -> None:
        """model: the id of the embedder whose templates count."""
        self._folder = folder
        self._model = model
        self._now = now
        self._watch = Watch(folder / DATABASE, folder / KEY)
        self._seen: int | str | None = None
        self._asked_at = float("-inf")
        self._read_at = float("-inf")
        self.people: Gallery = NOBODY
        self.wishes = Wishes()
        self.fault: str | None = None
        """Why nobody, or not everybody, can be shown; in words."""

    @property
    def asked(self) -> bool:
        """True once the store was looked at: until then nothing is known of what is wished."""
        return self._seen is not None

    def changed(self) -> bool:
        """True when `people` or `wishes` was read anew since the last call."""
        now = self._now()
        if now - self._asked_at < ASK_EVERY_S:
            return False
        self._asked_at = now
        version = self._version()
        again = self.fault is not None and not self.people.people and now - self._read_at > RETRY_S
        if version == self._seen and not again:
            return False
        self._read_at = now
        nobody_yet, wishes_yet = not self.people.people, self.wishes
        self.wishes = wishes(self._folder, wishes_yet)
        self.people, self.fault = gallery_or_nobody(self._folder, self._model)
        self._seen = version
        return self.wishes != wishes_yet or not (nobody_yet and not self.people.people)

    def close(self) -> None:
        """Let go of the store."""
        self._watch.close()

    def _version(self) -> int | str:
        try:
            return self._watch.version()
        except StoreError as error:
            return str(error)

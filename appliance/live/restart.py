"""A new start of the engine, by wish: a row with a new word in it. The engine ends itself, its supervisor starts it."""

from __future__ import annotations

import secrets
import time
from contextlib import suppress
from pathlib import Path

from appliance.errors import StoreError
from appliance.store import DATABASE, KEY, Desired, exists
from appliance.store.watch import Watch

RESTART = "restart"
"""Key of the row."""

ASK_EVERY_S = 0.25


def wish(data: Path, who: str) -> None:
    """Ask the running engine to start anew; raises StoreError."""
    Desired(data).set_setting(RESTART, secrets.token_hex(8), who)


class Restart:
    """Asked by the engine's main loop. What was wished before it began is fulfilled already."""

    def __init__(self, data: Path, possible: bool = True) -> None:
        """possible: False where a new start would lose something."""
        self._data = data
        self._possible = possible
        self._watch = Watch(data / DATABASE, data / KEY)
        self._version: int | None = None
        self._asked_at = float("-inf")
        self._known = False
        """Once it could be read what was wished before."""
        self._before: str | None = None
        with suppress(StoreError):
            self._before, self._known = self._word(), True
        self.fault: str | None = None
        """Why a wish is not fulfilled, in words."""

    @property
    def wished(self) -> bool:
        """True once somebody asked for it since. Never raises: a store that cannot be read restarts nothing."""
        now = time.monotonic()
        if now - self._asked_at < ASK_EVERY_S:
            return False
        self._asked_at = now
        with suppress(StoreError):
            if not exists(self._data) or (version := self._watch.version()) == self._version:
                return False
            word = self._word()
            self._version = version
            if not self._known:
                self._before, self._known = word, True
            new = word is not None and word != self._before
            if new and not self._possible:
                self.fault = "a new start is wished, but it would end the recording to one file"
            return new and self._possible
        return False

    def close(self) -> None:
        """Let go of the store."""
        self._watch.close()

    def _word(self) -> str | None:
        return Desired(self._data).settings().get(RESTART)

"""What is true of the box at one moment: the engine's report, what is wished, who is enrolled."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance import status, store
from appliance.errors import InputError, StoreError
from appliance.live import wishes
from appliance.live.wishes import Wishes
from appliance.mqtt.update import update
from appliance.options import Config
from appliance.status import Status
from appliance.store import DATABASE, KEY, Desired, Store
from appliance.store.people import Enrolled
from appliance.store.watch import Watch

RETRY_S = 1.0
"""How often a store that could not be read is tried again although nothing in it changed."""

UPDATE_EVERY_S = 5.0
"""How often the installer's file is looked at."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The box at one moment; what cannot be read stands as what shows least."""

    at: float
    """Epoch seconds."""
    status: Status | None
    """None when no engine has reported of late."""
    wishes: Wishes
    config: Config
    """As the engine is started with, as far as is known here."""
    people: tuple[Enrolled, ...]
    people_fault: str | None
    """Why people cannot be listed."""
    audit: tuple[tuple[float, str, str], ...]
    """Newest changes: (epoch seconds, who, what), newest first."""
    update: dict[str, Any]


class Looker:
    """Reads the facts again and again; what is stored only when it has changed."""

    def __init__(self, data: Path, runtime: Path, config: Config) -> None:
        self._data = data
        self._runtime = runtime
        self._config = config
        self._watch = Watch(data / DATABASE, data / KEY)
        self._version: int | str | None = None
        self._read_at = float("-inf")
        self._wishes = Wishes()
        self._people: tuple[Enrolled, ...] = ()
        self._fault: str | None = None
        self._audit: tuple[tuple[float, str, str], ...] = ()
        self._update: dict[str, Any] = {}
        self._update_at = float("-inf")

    def look(self) -> Facts:
        """What is true now. Never raises: what cannot be read covers everyone, or is told."""
        version = self._newest_version()
        unread = self._fault is not None or self._wishes.unread
        if version != self._version or (unread and time.monotonic() - self._read_at > RETRY_S):
            self._read_store()
            self._version, self._read_at = version, time.monotonic()
        if time.monotonic() - self._update_at > UPDATE_EVERY_S:
            self._update, self._update_at = update(self._data), time.monotonic()
        return Facts(
            time.time(),
            self._status(),
            self._wishes,
            self._config,
            self._people,
            self._fault,
            self._audit,
            self._update,
        )

    def close(self) -> None:
        """Let go of the store."""
        self._watch.close()

    def _newest_version(self) -> int | str:
        try:
            return self._watch.version() if store.exists(self._data) else "none"
        except StoreError as error:
            return str(error)

    def _read_store(self) -> None:
        self._wishes = wishes.wishes(self._data, self._wishes)
        self._people, self._fault, self._audit = (), None, ()
        try:
            desired = Desired(self._data)
            self._audit = tuple(desired.audit(50))
            if desired.anybody_enrolled():
                self._people = tuple(Store.open(self._data).people())
        except StoreError as error:
            self._fault = str(error)

    def _status(self) -> Status | None:
        try:
            found = status.read(self._runtime)
        except InputError:
            return None
        return None if status.is_stale(found, time.time()) else found

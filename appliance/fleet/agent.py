"""Keeps a box in touch with its fleet, in a thread of its own: whatever ends, it begins again."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from appliance import whole_files
from appliance.errors import StoreError
from appliance.fleet.card import Card
from appliance.fleet.keys import public_of
from appliance.fleet.modes import Wish
from appliance.fleet.pace import USUAL, Pace
from appliance.fleet.session import Session
from appliance.fleet.words import plain
from appliance.mqtt.broker import Broker
from appliance.store import Store, exists
from appliance.store.membership import BrokerPlace, Fleet

log = logging.getLogger(__name__)


class Agent:
    """The thread. describe: what this box is like now (name and keys are filled in)."""

    def __init__(self, data: Path, describe: Callable[[], Card] | None = None, pace: Pace = USUAL) -> None:
        self._data = data
        self._pace = pace
        self._describe = describe
        self._carried: dict[str, Wish] = {}
        """Wishes that are to be said again under a newer key, by box."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fleet", daemon=True)
        self.fault: str | None = None
        """What is wrong with the exchange, in words."""

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def close(self, timeout_s: float = 3.0) -> None:
        """End; may be called twice."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._serve()
            except StoreError as error:
                self._say(str(error))
            except Exception:
                log.exception("fleet: the exchange failed")
                self._say("the exchange failed; the log tells why")
            self._stop.wait(self._pace.failed_s)

    def _serve(self) -> None:
        """Until stopped; raises StoreError."""
        while not exists(self._data):
            if self._stop.wait(self._pace.idle_s):
                return
        store = Store.open(self._data, create=True)
        try:
            while not self._stop.is_set():
                fleet = store.membership().fleet()
                if fleet is not None:
                    self._attend(store, fleet)
                else:
                    self._say(None)
                    self._rest(store)
        finally:
            store.close()

    def _rest(self, store: Store) -> None:
        version = store.version()
        while not self._stop.wait(self._pace.idle_s) and store.version() == version:
            pass

    def _attend(self, store: Store, fleet: Fleet) -> None:
        session = opened(store, fleet, self._data, self._describe, pace=self._pace)
        try:
            while not self._stop.is_set() and session.step():
                self._say(session.fault)
                if session.ready and self._carried:
                    session.council.modes.say_again(self._carried)
                    self._carried = {}
        finally:
            # However it ended: the key is changed, and nobody else says them under the new one.
            self._carried |= session.council.succession.carried
            session.close()

    def _say(self, fault: str | None) -> None:
        if fault and fault != self.fault:
            log.warning("fleet: %s", fault)
        self.fault = fault


def opened(
    store: Store,
    fleet: Fleet,
    data: Path,
    describe: Callable[[], Card] | None = None,
    passing: bool = False,
    pace: Pace = USUAL,
) -> Session:
    """A session with the fleet that a box is in; passing: see Session."""

    def card() -> Card:
        ours = {"name": plain(fleet.name), "public": public_of(fleet.private).hex()}
        return describe().model_copy(update=ours) if describe else Card.model_validate(ours)

    return Session(store, fleet, broker(fleet.broker, data), card, passing, pace)


def broker(place: BrokerPlace, data: Path) -> Broker:
    """The broker, with what must be a file put into the data folder."""
    ca = _kept(data, "ca.pem", place.ca)
    password = _kept(data, "password", place.password)
    return Broker(place.host, place.port, place.user or None, password, place.tls, ca)


def forget_files(data: Path) -> None:
    """Remove what was put into the folder for a broker."""
    for path in data.glob("fleet-*"):
        if path.name.endswith(("-ca.pem", "-password")):
            path.unlink(missing_ok=True)


def _kept(data: Path, name: str, content: str) -> Path | None:
    if not content:
        return None
    mark = hashlib.sha256(content.encode()).hexdigest()[:8]
    path = data / f"fleet-{mark}-{name}"
    if not path.exists():
        whole_files.replace(path, content + "\n", mode=0o600)
    return path

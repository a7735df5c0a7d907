"""Orders carried out: each edits a wish, or publishes what is asked for. They return once the wish is durable."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from appliance import status
from appliance.errors import ConfigError, InputError, StoreError
from appliance.live import panic, restart, wishes
from appliance.mqtt.enrolment import Enroller
from appliance.mqtt.message import CATCH_UP_S
from appliance.mqtt.orders import Cover, Enrol, Order, OrderError, Reveal, Setting, Switch
from appliance.options import Mode
from appliance.status import Status
from appliance.store import Desired, Store

WHO = "MQTT"
"""The agent's name in the audit."""

PREVIEW = "preview.jpg"
"""As sinks.preview names it."""

Obey = Literal["all", "cover", "nothing"]

COVERING = ("cover-everyone", "slate", "cover", "forget-guests")
"""Commands after which at most as much is shown as before."""

Answer = dict[str, Any]


class Commands:
    """Raises MofyError with one line for whoever asked. `show` publishes the masked preview.

    late: the order may have waited at the broker; then one that may show more is obeyed only if it says when it ends.
    """

    def __init__(
        self, data: Path, runtime: Path, obey: Obey, show: Callable[[bytes], None], enroller: Enroller
    ) -> None:
        self._data = data
        self._runtime = runtime
        self._obey = obey
        self._show = show
        self._enroller = enroller
        self._desired = Desired(data)

    def set(self, key: str, order: Setting, late: bool = False) -> Answer:
        """Change a setting."""
        try:
            value = None if order.text is None else wishes.checked(key, order.text)
        except ConfigError as error:
            raise OrderError(str(error), "value") from None
        covers = (key == wishes.MODE and self._is_stricter(value)) or (key, value) == (wishes.SOUND, "mute")
        self._allow(covers, order, late)
        self._wish(key, value)
        return {"setting": key, "value": value}

    def switch(self, person: str, order: Switch, late: bool = False) -> Answer:
        """Switch a person (by id) on or off."""
        self._allow(not order.on, order, late)
        people = Store.open(self._data)
        found = next((one for one in people.people() if one.id == person), None)
        if found is None:
            raise InputError("nobody of this id is enrolled")
        people.change(found, WHO, enabled=order.on)
        return {"person": person, "on": order.on}

    def command(self, name: str, order: Order, late: bool = False) -> Answer:
        """Carry out a command of topics.COMMANDS."""
        self._allow(name in COVERING, order, late)
        if name in wishes.MODES:
            self._wish(wishes.MODE, name)
            return {}
        if isinstance(order, Reveal):
            # Looked at once: of an engine that starts anew meanwhile the same number is somebody else's.
            until, seen = time.time() + order.seconds, self._seen(order)
            if order.track not in {track.id for track in seen.tracks}:
                raise OrderError("track: no face of this number is in the picture now", "track")
            return {"claim": self._desired.reveal(seen.run, order.track, until, WHO, order.name)}
        if isinstance(order, Cover):
            ends = None if order.seconds is None else time.time() + order.seconds
            return {"claim": self._desired.cover(self._seen(order).run, order.track, ends, WHO)}
        if isinstance(order, Switch):
            self._wish(wishes.RECORD, str(order.on).lower())
            return {"on": order.on}
        if isinstance(order, Enrol):
            return self._enroller.enrol(order, WHO)
        return self._simple(name)

    def _simple(self, name: str) -> Answer:
        if name == "forget-guests":
            return {"forgotten": self._desired.forget_guests(WHO)}
        if name == "restart":
            restart.wish(self._data, WHO)
            return {}
        picture = self._preview()
        self._show(picture)
        return {"bytes": len(picture)}

    def _preview(self) -> bytes:
        path = self._runtime / PREVIEW
        try:
            if abs(time.time() - path.stat().st_mtime) <= status.STALE_S:
                return path.read_bytes()
        except OSError:
            pass
        raise InputError("there is no picture now: the engine does not run, or has no camera")

    def _wish(self, key: str, value: str | None) -> None:
        # The same again is no change, and a flood of it no wear of the memory card.
        if key == wishes.MODE and value is not None:
            if self._saved(key) != value or panic.held(self._runtime) != "selective":
                panic.wish_mode(self._data, wishes.mode(value), WHO)
        elif self._desired.settings().get(key) != value:
            self._desired.set_setting(key, value, WHO)

    def _saved(self, key: str) -> str | None:
        """None also where nothing can be read: then the wish must be said."""
        try:
            return self._desired.settings().get(key)
        except StoreError:
            return None

    def _status(self) -> Status:
        try:
            found = status.read(self._runtime)
        except InputError:
            raise InputError("the engine does not run") from None
        if status.is_stale(found, time.time()):
            raise InputError("the engine does not answer")
        return found

    def _seen(self, order: Reveal | Cover) -> Status:
        """The engine's report, where it is of the run that the order speaks of; raises OrderError."""
        seen = self._status()
        if order.run is not None and order.run != seen.run:
            raise OrderError("run: the engine was started anew since, and its numbers mean other faces now", "run")
        return seen

    def _is_stricter(self, value: str | None) -> bool:
        if value is None:
            return False
        now: Mode = wishes.wished_mode(self._data)
        return wishes.MODES.index(wishes.mode(value)) >= wishes.MODES.index(now)

    def _allow(self, covers: bool, order: Order, late: bool) -> None:
        """Raises InputError for what is not obeyed here; covers: afterwards at most as much is shown as before."""
        if self._obey == "nothing" or (self._obey == "cover" and not covers):
            what = "obeys nothing" if self._obey == "nothing" else "only covers"
            raise InputError(f"over MQTT this box {what}: `obey` in its configuration says so")
        if late and not covers and order.expires is None:
            raise InputError(
                "this may have been sent while the box was away, and others may have wished otherwise since; nothing "
                f"was done: send it again in {CATCH_UP_S:.0f} s, or now with `expires`, the epoch second after which "
                "it is void"
            )

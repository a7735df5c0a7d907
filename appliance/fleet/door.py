"""Who asks to be let in, and is, by an invitation of this box."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from appliance.errors import InputError
from appliance.fleet import invitation
from appliance.fleet.circle import Circle
from appliance.fleet.topics import Topics
from appliance.mqtt.message import Message
from appliance.store.membership import Fleet, Invitation, Member, Membership
from appliance.store.shared import WHO

log = logging.getLogger(__name__)

ASKS_A_S = 10
"""More who want to be let in within a second are not looked at."""


class Door:
    """Answers whoever knows the secret of an invitation."""

    def __init__(self, rows: Membership, fleet: Fleet, circle: Circle, send: Callable[[Message], bool]) -> None:
        self._rows = rows
        self._fleet = fleet
        self._circle = circle
        self._send = send
        self._asks: list[float] = []

    def hear(self, name: str, payload: bytes, now: float) -> None:
        """Somebody asks by the invitation of this name, at `now` of any steady clock. Raises StoreError."""
        self._asks = [at for at in self._asks if at > now - 1.0]
        if len(self._asks) >= ASKS_A_S:
            return
        self._asks.append(now)
        promised = self._rows.invitation(name)
        if promised is None:
            return
        try:
            self._let_in(promised, invitation.asked(promised, self._fleet.id, payload))
        except (ValueError, InputError) as error:
            log.warning("fleet: an invitation was not honoured: %s", error or "wrong secret")

    def _let_in(self, promised: Invitation, newcomer: Member) -> None:
        """Raises InputError for who may not come in."""
        if promised.expires_at < time.time():
            raise InputError("it has expired")
        if newcomer.box == self._fleet.box:
            raise InputError(f"the newcomer calls itself {newcomer.box} like this box: was a data folder copied?")
        if not self._rows.take_invitation(promised.id, newcomer, WHO):
            raise InputError("it has let another box in already")
        self._circle.add(newcomer)
        answer = invitation.answer(self._fleet, dict(self._circle.members), promised, newcomer)
        self._send(Message(Topics(self._fleet.id).answer(promised.id), answer, qos=1))
        log.info("fleet: box %s (%s) was let in", newcomer.box, newcomer.name)

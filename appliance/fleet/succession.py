"""The fleet's keys, one after the other: making the next one, going on to it, and seeing that everybody can."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterable, Mapping

from appliance.fleet import letters, rotation
from appliance.fleet.card import digest
from appliance.fleet.circle import Circle
from appliance.fleet.modes import Modes, Wish
from appliance.fleet.topics import Topics
from appliance.mqtt.message import Message
from appliance.store.membership import Fleet, Membership
from appliance.store.shared import WHO

log = logging.getLogger(__name__)

MOST_KEY_BYTES = 256 * 1024
"""Largest message of a rotation that is looked at: a thousand boxes."""

KEYS_KEPT = 50
"""Rotations that the broker keeps: a box that was away during more of them must be invited again."""

LONGEST_PATIENCE_S = 600.0

AWAY = (
    "the fleet changed its key without this box, or too often while it was away; "
    "`mofy fleet leave --force`, then join it again"
)


class Succession:
    """What one connection under one key has to do with the keys after it, and with how this one was made."""

    def __init__(
        self,
        rows: Membership,
        fleet: Fleet,
        circle: Circle,
        modes: Modes,
        send: Callable[[Message], bool],
        repair_s: tuple[float, float],
    ) -> None:
        """repair_s: the shortest and the longest time after which somebody mends what nobody else did."""
        self._rows = rows
        self._fleet = fleet
        self._circle = circle
        self._modes = modes
        self._topics = Topics(fleet.id)
        self._send = send
        self._repair_s = repair_s
        self._rotations: dict[int, bytes] = {}
        self._repair_at: float | None = None
        self._announce_at: float | None = None
        self._patience_s = repair_s[1]
        self.carried: Mapping[str, Wish] = {}
        """Once we go on under a key of our own making: wishes that were not obeyed yet, to be said again under it."""

    @property
    def ahead(self) -> bool:
        """True when the fleet has a newer key than ours."""
        return max(self._rotations, default=0) > self._fleet.epoch

    def begin(self) -> None:
        """A connection was made: rotations are heard anew."""
        self._rotations.clear()
        self._repair_at = None

    def rotate(self, out: Iterable[str] = (), deleted: Iterable[str] = ()) -> None:
        """Make the next key, without the boxes `out`; everybody, we too, goes on to it as it is heard.

        deleted: ids of everybody known to be deleted; forgotten by all if all know the same.
        """
        deleted = list(deleted)
        settled = deleted if self._circle.all_know(digest(deleted), set(out)) else []
        members, epoch = self._circle.members, self._fleet.epoch
        self._send(letters.kept(self._topics.key(epoch + 1), rotation.made(self._fleet, members, out, settled)))
        if epoch > KEYS_KEPT:
            self._send(letters.erased(self._topics.key(epoch - KEYS_KEPT)))
        for box in (*out, *(member.box for member in members.values() if member.removed)):
            for topic in (self._topics.box(box), self._topics.mode(box)):
                self._send(letters.erased(topic))

    def repair(self, now: float, deleted: Callable[[], Iterable[str]]) -> None:
        """Some moments after a box that has the key was taken out change it, unless another member did.

        Likewise tell again how the key was made, where the broker lost that or keeps another that does not count.
        """
        self._announce(now)
        if not any(member.removed == self._fleet.epoch for member in self._circle.members.values()) or self.ahead:
            self._repair_at = None
        elif self._repair_at is None:
            self._repair_at = now + random.uniform(*self._repair_s)
        elif now >= self._repair_at:
            self._repair_at = now + 10 * self._repair_s[1]
            self.rotate(deleted=deleted())

    def _announce(self, now: float) -> None:
        announced, kept = self._fleet.announced, self._rotations.get(self._fleet.epoch)
        if not announced or kept == announced or self.ahead or self._circle.fault is not None:
            self._announce_at, self._patience_s = None, self._repair_s[1]
        elif self._announce_at is None:
            self._announce_at = now + random.uniform(*self._repair_s)
        elif now >= self._announce_at:
            self._patience_s = min(2 * self._patience_s, LONGEST_PATIENCE_S)
            self._announce_at = now + self._patience_s
            self._send(letters.kept(self._topics.key(self._fleet.epoch), announced))

    def hear(self, epoch: int, payload: bytes) -> None:
        """How the key of an epoch was made, by whoever says so. Raises StoreError."""
        if not payload or len(payload) > MOST_KEY_BYTES:
            self._rotations.pop(epoch, None)
            return
        self._rotations[epoch] = payload
        for known in (self._fleet.epoch, self._fleet.epoch + 1):
            if known in self._rotations and self._goes_on(known, self._rotations[known]):
                return
        self._rotations = dict(sorted(self._rotations.items())[-2 * KEYS_KEPT :])

    def _goes_on(self, epoch: int, payload: bytes) -> bool:
        try:
            found = rotation.understood(payload, epoch, self._fleet, self._circle.members)
        except rotation.NotForUsError:
            if self._circle.fault is None:
                log.warning("fleet: %s", AWAY)
            self._circle.fault = AWAY
            return False
        if found is None or not self._rows.rotate(found.fleet, found.members, found.settled, WHO):
            return False
        log.info("fleet: going on with key %d, made by box %s", epoch, found.fleet.rotator)
        if found.fleet.rotator == self._fleet.box:
            self.carried = self._modes.unobeyed
        return True

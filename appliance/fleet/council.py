"""Who is in the fleet, under which key, and which mode is wished of us."""

from __future__ import annotations

import hashlib
import logging
import random
import time
from collections.abc import Callable, Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from appliance.errors import ConfigError, InputError
from appliance.fleet import envelope, invitation, keys, rotation
from appliance.fleet.pace import USUAL, Pace
from appliance.fleet.rotation import Box, Public
from appliance.fleet.topics import Topics
from appliance.fleet.words import Words
from appliance.live import wishes
from appliance.mqtt.message import Message
from appliance.store import Store
from appliance.store.membership import Fleet, Invitation, Member
from appliance.store.shared import WHO

log = logging.getLogger(__name__)

ASKS_A_S = 10
"""More who want to be let in within a second are not looked at."""

MOST_KEY_BYTES = 256 * 1024
"""Largest message of a rotation that is looked at: a thousand boxes."""

KEYS_KEPT = 50
"""Rotations that the broker keeps: a box that was away during more of them must be invited again."""

AWAY = (
    "the fleet changed its key without this box, or too often while it was away; "
    "`mofy fleet leave --force`, then join it again"
)


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Card(_Part):
    """What a member tells of itself."""

    name: Annotated[Words, Field(max_length=100)]
    public: Public
    online: bool = True
    left: bool = False
    version: Annotated[Words, Field(max_length=40)] = ""
    mode: Annotated[Words, Field(max_length=40)] = ""
    state: Annotated[Words, Field(max_length=40)] = ""
    fps: float = 0.0
    faults: list[Annotated[Words, Field(max_length=300)]] = []
    deleted: str = ""
    """Digest of everybody it knows to be deleted."""
    obeyed: int = 0

    def calm(self) -> Card:
        """What of it does not change all the time, or on all boxes at once."""
        return self.model_copy(update={"fps": 0.0, "deleted": ""})


class _Wish(_Part):
    number: Annotated[int, Field(ge=1, le=2**53)]
    mode: str
    by: Box


def digest(deleted: Iterable[str]) -> str:
    """What two boxes compare to know that they know the same deletions; deleted: ids in order."""
    return hashlib.sha256("\n".join(deleted).encode()).hexdigest()[:32]


class Council:
    """One box's membership over one connection, called by one thread like `Exchange`."""

    def __init__(self, store: Store, fleet: Fleet, send: Callable[[Message], bool], pace: Pace = USUAL) -> None:
        self._store = store
        self._repair_s = pace.repair_s
        self._rows = store.membership()
        self._fleet = fleet
        self._topics = Topics(fleet.id)
        self._send = send
        self._rotations: dict[int, bytes] = {}
        self._new: dict[str, Member] = {}
        self._pending: dict[str, _Wish] = {}
        self._asks: list[float] = []
        self._repair_at: float | None = None
        self._announce_at: float | None = None
        self._patience_s = self._repair_s[1]
        self.members = self._rows.members()
        self.cards: dict[str, Card] = {}
        """Cards heard on this connection, by box."""
        self.wished: dict[str, int] = {}
        """Number of the newest wish heard of a box's mode."""
        self.carried: tuple[Message, ...] = ()
        """Once we go on under a key of our own making: wishes that were not obeyed yet, sealed with it."""
        self.fault: str | None = None

    @property
    def ahead(self) -> bool:
        """True when the fleet has a newer key than ours."""
        return max(self._rotations, default=0) > self._fleet.epoch

    def begin(self) -> None:
        """A connection was made: everything is heard anew."""
        for heard in (self._rotations, self.cards, self.wished):
            heard.clear()
        self.fault, self._repair_at = None, None

    def look(self) -> None:
        """The store has changed: another process may have let somebody in."""
        self.members = self._rows.members()

    def hear(self, message: Message, now: float) -> None:
        """Whatever is not about a person; nothing that makes no sense does anything. Raises StoreError."""
        match self._topics.parts(message.topic):
            case ["keys", epoch] if epoch.isascii() and epoch.isdigit() and len(epoch) < 10:
                self._key(int(epoch), message.payload)
            case ["boxes", box]:
                self._card(box, message)
            case ["modes", box]:
                self._mode(box, message)
            case ["join", name, "ask"]:
                self._let_in(name, message.payload, now)

    def keep(self) -> None:
        """Store whom we came to know, all at once. Raises StoreError."""
        if self._new:
            self._rows.put_members(self._new.values())
            self._new = {}

    def tell(self, card: Card) -> None:
        """Tell the others what we are."""
        self._send(self.card_message(card))

    def card_message(self, card: Card) -> Message:
        """The same, to be sent."""
        return self._sealed(self._topics.box(self._fleet.box), card.model_dump_json())

    def wish(self, box: str, mode: str) -> None:
        """Wish a member to be in a mode, whenever it hears of it."""
        card = self.cards.get(box)
        number = max(self.wished.get(box, 0), card.obeyed if card else 0) + 1
        said = _Wish(number=number, mode=mode, by=self._fleet.box)
        self.wished[box] = number
        self._pending[box] = said
        self._send(self._sealed(self._topics.mode(box), said.model_dump_json()))

    def rotate(self, out: Iterable[str] = (), deleted: Iterable[str] = ()) -> None:
        """Make the next key, without the boxes `out`; everybody, we too, goes on to it as it is heard.

        deleted: ids of everybody known to be deleted; forgotten by all if all know the same.
        """
        deleted = list(deleted)
        settled = deleted if self._all_know(digest(deleted), set(out)) else []
        message = rotation.made(self._fleet, self.members, out, settled)
        self._send(Message(self._topics.key(self._fleet.epoch + 1), message, qos=1, retain=True))
        if self._fleet.epoch > KEYS_KEPT:
            self._send(Message(self._topics.key(self._fleet.epoch - KEYS_KEPT), b"", qos=1, retain=True))
        for box in (*out, *(member.box for member in self.members.values() if member.removed)):
            for topic in (self._topics.box(box), self._topics.mode(box)):
                self._send(Message(topic, b"", qos=1, retain=True))

    def repair(self, now: float, deleted: Callable[[], Iterable[str]]) -> None:
        """Some moments after a box that has the key was taken out change it, unless another member did.

        Likewise tell again how the key was made, where the broker lost that or keeps another that does not count.
        """
        self._announce(now)
        if not any(member.removed == self._fleet.epoch for member in self.members.values()) or self.ahead:
            self._repair_at = None
        elif self._repair_at is None:
            self._repair_at = now + random.uniform(*self._repair_s)
        elif now >= self._repair_at:
            self._repair_at = now + 10 * self._repair_s[1]
            self.rotate(deleted=deleted())

    def _announce(self, now: float) -> None:
        kept = self._rotations.get(self._fleet.epoch)
        if not self._fleet.announced or kept == self._fleet.announced or self.ahead or self.fault is not None:
            self._announce_at, self._patience_s = None, self._repair_s[1]
        elif self._announce_at is None:
            self._announce_at = now + random.uniform(*self._repair_s)
        elif now >= self._announce_at:
            self._patience_s = min(2 * self._patience_s, 600.0)
            self._announce_at = now + self._patience_s
            self._send(Message(self._topics.key(self._fleet.epoch), self._fleet.announced, qos=1, retain=True))

    def _all_know(self, deleted: str, out: set[str]) -> bool:
        others = [box for box, one in self.members.items() if not one.removed and box not in {*out, self._fleet.box}]
        return all(box in self.cards and self.cards[box].deleted == deleted for box in others)

    def _sealed(self, topic: str, text: str) -> Message:
        return _sealed(self._fleet, topic, text)

    def _opened(self, message: Message) -> bytes | None:
        try:
            return envelope.open_(self._fleet.key, message.topic, message.payload)
        except envelope.UnreadableError:
            return None

    def _key(self, epoch: int, payload: bytes) -> None:
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
            found = rotation.understood(payload, epoch, self._fleet, self.members)
        except rotation.NotForUsError:
            if self.fault is None:
                log.warning("fleet: %s", AWAY)
            self.fault = AWAY
            return False
        if found is None:
            return False
        if not self._rows.rotate(found.fleet, found.members, found.settled, WHO):
            return False
        log.info("fleet: going on with key %d, made by box %s", epoch, found.fleet.rotator)
        if found.fleet.rotator == self._fleet.box:
            self.carried = self._carried(found.fleet)
        return True

    def _carried(self, fleet: Fleet) -> tuple[Message, ...]:
        """Whoever is off could not read under the next key what was wished of him under this one."""
        obeyed = {box: card.obeyed for box, card in self.cards.items()}
        return tuple(
            _sealed(fleet, self._topics.mode(box), wish.model_dump_json())
            for box, wish in self._pending.items()
            if wish.number > obeyed.get(box, 0) and box in self.members and not self.members[box].removed
        )

    def _card(self, box: str, message: Message) -> None:
        content = self._opened(message)
        if content is None:
            self.cards.pop(box, None)
            return
        try:
            card = Card.model_validate_json(content)
        except ValidationError:
            log.warning("fleet: the card of box %s makes no sense", box)
            return
        public, known = bytes.fromhex(card.public), self.members.get(box)
        if known is not None and known.removed and known.public == public:
            return
        if box == self._fleet.box and public != keys.public_of(self._fleet.private):
            self.fault = f"another box calls itself {box}: was a data folder copied?"
            log.warning("fleet: %s", self.fault)
            return
        self.cards[box] = card
        if card.left and box != self._fleet.box:
            self._know(Member(box, card.name, public, removed=self._fleet.epoch))
        elif known is None or (known.name, known.public) != (card.name, public):
            self._know(Member(box, card.name, public))

    def _know(self, member: Member) -> None:
        self._new[member.box] = member
        self.members = {**self.members, member.box: member}

    def _mode(self, box: str, message: Message) -> None:
        content = self._opened(message)
        try:
            wish = _Wish.model_validate_json(content) if content else None
        except ValidationError:
            wish = None
        if wish is None:
            return
        self.wished[box] = max(wish.number, self.wished.get(box, 0))
        if box != self._fleet.box:
            if wish.number == self.wished[box] and box in self.members:  # nothing is kept of boxes made up
                self._pending[box] = wish
            return
        try:
            mode = wishes.checked(wishes.MODE, wish.mode)
        except ConfigError as error:
            log.warning("fleet: a wish of box %s was ignored: %s", wish.by, error)
            return
        if self._rows.obeyed(wish.number):
            self._store.set_setting(wishes.MODE, mode, f"{WHO}, box {wish.by}")

    def _let_in(self, name: str, payload: bytes, now: float) -> None:
        self._asks = [at for at in self._asks if at > now - 1.0]
        if len(self._asks) >= ASKS_A_S:
            return
        self._asks.append(now)
        promised = self._rows.invitation(name)
        if promised is None:
            return
        try:
            newcomer = invitation.asked(promised, self._fleet.id, payload)
            self._answer(promised, newcomer)
        except (ValueError, InputError) as error:
            log.warning("fleet: an invitation was not honoured: %s", error or "wrong secret")

    def _answer(self, promised: Invitation, newcomer: Member) -> None:
        """Raises InputError for who may not come in."""
        if promised.expires_at < time.time():
            raise InputError("it has expired")
        if newcomer.box == self._fleet.box:
            raise InputError(f"the newcomer calls itself {newcomer.box} like this box: was a data folder copied?")
        if not self._rows.take_invitation(promised.id, newcomer, WHO):
            raise InputError("it has let another box in already")
        self.members = {**self.members, newcomer.box: newcomer}
        answer = invitation.answer(self._fleet, dict(self.members), promised, newcomer)
        self._send(Message(self._topics.answer(promised.id), answer, qos=1))
        log.info("fleet: box %s (%s) was let in", newcomer.box, newcomer.name)


def _sealed(fleet: Fleet, topic: str, text: str) -> Message:
    sealed = envelope.seal(fleet.key, fleet.epoch, topic, text.encode())
    return Message(topic, sealed, qos=1, retain=True)

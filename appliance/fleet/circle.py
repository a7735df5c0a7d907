"""Everybody in the fleet: members as stored, and their cards as heard on one connection."""

from __future__ import annotations

import logging

from pydantic import ValidationError

from appliance.fleet import keys, letters
from appliance.fleet.card import Card
from appliance.mqtt.message import Message
from appliance.store.membership import Fleet, Member, Membership

log = logging.getLogger(__name__)


class Circle:
    """The members, as one of them knows them."""

    def __init__(self, rows: Membership, fleet: Fleet) -> None:
        self._rows = rows
        self._fleet = fleet
        self._new: dict[str, Member] = {}
        self.members = rows.members()
        self.cards: dict[str, Card] = {}
        """Cards heard on this connection, by box."""
        self.fault: str | None = None
        """Why this box is not, or no longer, among them."""

    def begin(self) -> None:
        """A connection was made: every card is heard anew."""
        self.cards.clear()
        self.fault = None

    def look(self) -> None:
        """The store has changed: another process may have let somebody in."""
        self.members = self._rows.members()

    def keep(self) -> None:
        """Store whom we came to know, all at once. Raises StoreError."""
        if self._new:
            self._rows.put_members(self._new.values())
            self._new = {}

    def add(self, member: Member) -> None:
        """Who is stored already."""
        self.members = {**self.members, member.box: member}

    def staying(self, box: str) -> bool:
        """True for a member who was not taken out."""
        return box in self.members and not self.members[box].removed

    def all_know(self, deleted: str, out: set[str]) -> bool:
        """True when every other member, but for the boxes `out`, told of the same deletions (a digest)."""
        others = {box for box in self.members if self.staying(box)} - {*out, self._fleet.box}
        return all(box in self.cards and self.cards[box].deleted == deleted for box in others)

    def hear(self, box: str, message: Message) -> None:
        """What was told under the name of a box; nothing that makes no sense does anything."""
        content = letters.opened(self._fleet, message)
        if content is None:
            self.cards.pop(box, None)
            return
        try:
            card = Card.model_validate_json(content)
        except ValidationError:
            log.warning("fleet: the card of box %s makes no sense", box)
            return
        self._take(box, card)

    def _take(self, box: str, card: Card) -> None:
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
        self.add(member)

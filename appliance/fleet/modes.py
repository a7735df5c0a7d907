"""Which mode each member is wished to be in, by whichever member said so last."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from appliance.errors import ConfigError
from appliance.fleet import letters
from appliance.fleet.circle import Circle
from appliance.fleet.rotation import Box
from appliance.fleet.topics import Topics
from appliance.live import panic, wishes
from appliance.mqtt.message import Message
from appliance.store import Store
from appliance.store.membership import Fleet
from appliance.store.shared import WHO

log = logging.getLogger(__name__)


class Wish(BaseModel):
    """What some member wishes of another."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    number: Annotated[int, Field(ge=1, le=2**53)]
    mode: str
    by: Box


class Modes:
    """Wishes as heard on one connection; one of this box is obeyed once, the newest only."""

    def __init__(self, store: Store, fleet: Fleet, circle: Circle, send: Callable[[Message], bool]) -> None:
        self._store = store
        self._fleet = fleet
        self._circle = circle
        self._topics = Topics(fleet.id)
        self._send = send
        self._newest: dict[str, int] = {}
        self._pending: dict[str, Wish] = {}
        self._said: dict[str, Wish] = {}
        """By this box, over this connection."""

    def begin(self) -> None:
        """A connection was made: wishes are heard anew."""
        self._newest.clear()

    def wish(self, box: str, mode: str) -> int:
        """Wish a member to be in a mode, whenever it hears of it; returns the wish's number."""
        card = self._circle.cards.get(box)
        number = max(self._newest.get(box, 0), card.obeyed if card else 0) + 1
        self._said[box] = Wish(number=number, mode=mode, by=self._fleet.box)
        self._say(box, self._said[box])
        return number

    def hear(self, box: str, message: Message) -> None:
        """What is wished of a box; nothing that makes no sense does anything. Raises StoreError."""
        content = letters.opened(self._fleet, message)
        try:
            wish = Wish.model_validate_json(content) if content else None
        except ValidationError:
            wish = None
        if wish is None:
            return
        self._newest[box] = max(wish.number, self._newest.get(box, 0))
        if box == self._fleet.box:
            self._obey(wish)
        elif wish.number == self._newest[box] and box in self._circle.members:  # nothing is kept of boxes made up
            self._pending[box] = wish
            self._insist(box, wish)

    @property
    def unobeyed(self) -> Mapping[str, Wish]:
        """What was not obeyed yet, by box: under the fleet's next key it must be said again, for whoever is off."""
        obeyed = {box: card.obeyed for box, card in self._circle.cards.items()}
        return {
            box: wish
            for box, wish in self._pending.items()
            if wish.number > obeyed.get(box, 0) and self._circle.staying(box)
        }

    def say_again(self, wished: Mapping[str, Wish]) -> None:
        """What was not obeyed under the key before, once all is read: nothing newer is to be overwritten."""
        for box, wish in wished.items():
            if wish.number > self._newest.get(box, 0) and self._circle.staying(box):
                self._say(box, wish)

    def _say(self, box: str, wish: Wish) -> None:
        self._newest[box] = wish.number
        self._pending[box] = wish
        self._send(letters.sealed(self._fleet, self._topics.mode(box), wish.model_dump_json().encode()))

    def _insist(self, box: str, rival: Wish) -> None:
        """Of two who wished at once, under one number, the box hears one: it must be the one that shows less."""
        ours = self._said.get(box)
        if ours is None or ours.number != rival.number or ours.mode == rival.mode:
            return
        if wishes.stricter(wishes.mode(ours.mode), wishes.mode(rival.mode)) == ours.mode:
            self.wish(box, ours.mode)

    def _obey(self, wish: Wish) -> None:
        try:
            mode = wishes.checked(wishes.MODE, wish.mode)
        except ConfigError as error:
            log.warning("fleet: a wish of box %s was ignored: %s", wish.by, error)
            return
        who = f"{WHO}, box {wish.by}"
        obey = partial(self._store.membership().obey, wish.number, wishes.MODE, mode, who)
        if (why := panic.wish_mode(self._store.folder, wishes.mode(mode), who, obey)) is not None:
            log.warning("fleet: %s, as box %s wishes: %s", mode, wish.by, why)

"""Which mode each member is wished to be in, by whichever member said so last."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from appliance.errors import ConfigError
from appliance.fleet import letters
from appliance.fleet.circle import Circle
from appliance.fleet.rotation import Box
from appliance.fleet.topics import Topics
from appliance.live import wishes
from appliance.mqtt.message import Message
from appliance.store import Store
from appliance.store.membership import Fleet
from appliance.store.shared import WHO

log = logging.getLogger(__name__)


class _Wish(BaseModel):
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
        self._pending: dict[str, _Wish] = {}

    def begin(self) -> None:
        """A connection was made: wishes are heard anew."""
        self._newest.clear()

    def wish(self, box: str, mode: str) -> int:
        """Wish a member to be in a mode, whenever it hears of it; returns the wish's number."""
        card = self._circle.cards.get(box)
        number = max(self._newest.get(box, 0), card.obeyed if card else 0) + 1
        said = _Wish(number=number, mode=mode, by=self._fleet.box)
        self._newest[box] = number
        self._pending[box] = said
        self._send(self._sealed(self._fleet, box, said))
        return number

    def hear(self, box: str, message: Message) -> None:
        """What is wished of a box; nothing that makes no sense does anything. Raises StoreError."""
        content = letters.opened(self._fleet, message)
        try:
            wish = _Wish.model_validate_json(content) if content else None
        except ValidationError:
            wish = None
        if wish is None:
            return
        self._newest[box] = max(wish.number, self._newest.get(box, 0))
        if box == self._fleet.box:
            self._obey(wish)
        elif wish.number == self._newest[box] and box in self._circle.members:  # nothing is kept of boxes made up
            self._pending[box] = wish

    def carried(self, fleet: Fleet) -> tuple[Message, ...]:
        """What was not obeyed yet, under the fleet's next key: whoever is off could not read this one's then."""
        obeyed = {box: card.obeyed for box, card in self._circle.cards.items()}
        return tuple(
            self._sealed(fleet, box, wish)
            for box, wish in self._pending.items()
            if wish.number > obeyed.get(box, 0) and self._circle.staying(box)
        )

    def _obey(self, wish: _Wish) -> None:
        try:
            mode = wishes.checked(wishes.MODE, wish.mode)
        except ConfigError as error:
            log.warning("fleet: a wish of box %s was ignored: %s", wish.by, error)
            return
        if self._store.membership().obeyed(wish.number):
            self._store.set_setting(wishes.MODE, mode, f"{WHO}, box {wish.by}")

    def _sealed(self, fleet: Fleet, box: str, wish: _Wish) -> Message:
        return letters.sealed(fleet, self._topics.mode(box), wish.model_dump_json().encode())

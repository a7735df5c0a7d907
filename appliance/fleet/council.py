"""What boxes of a fleet settle among themselves: who is in it, under which key, and in which mode."""

from __future__ import annotations

from collections.abc import Callable

from appliance.fleet import letters
from appliance.fleet.card import Card
from appliance.fleet.circle import Circle
from appliance.fleet.door import Door
from appliance.fleet.modes import Modes
from appliance.fleet.pace import USUAL, Pace
from appliance.fleet.succession import Succession
from appliance.fleet.topics import Topics
from appliance.mqtt.message import Message
from appliance.store import Store
from appliance.store.membership import Fleet


class Council:
    """One box's membership over one connection, called by one thread like `Exchange`."""

    def __init__(self, store: Store, fleet: Fleet, send: Callable[[Message], bool], pace: Pace = USUAL) -> None:
        rows = store.membership()
        self._fleet = fleet
        self._topics = Topics(fleet.id)
        self._send = send
        self.circle = Circle(rows, fleet)
        self.modes = Modes(store, fleet, self.circle, send)
        self.succession = Succession(rows, fleet, self.circle, self.modes, send, pace.repair_s)
        self._door = Door(rows, fleet, self.circle, send)

    @property
    def fault(self) -> str | None:
        """Why this box is not, or no longer, in the fleet, in words."""
        return self.circle.fault

    def begin(self) -> None:
        """A connection was made: everything is heard anew."""
        self.circle.begin()
        self.modes.begin()
        self.succession.begin()

    def hear(self, message: Message, now: float) -> None:
        """Whatever is not about a person; nothing that makes no sense does anything. Raises StoreError."""
        match self._topics.parts(message.topic):
            case ["keys", epoch] if epoch.isascii() and epoch.isdigit() and len(epoch) < 10:
                self.succession.hear(int(epoch), message.payload)
            case ["boxes", box]:
                self.circle.hear(box, message)
            case ["modes", box]:
                self.modes.hear(box, message)
            case ["join", name, "ask"]:
                self._door.hear(name, message.payload, now)

    def tell(self, card: Card) -> None:
        """Tell the others what we are."""
        self._send(self.card_message(card))

    def card_message(self, card: Card) -> Message:
        """The same, to be sent."""
        return letters.sealed(self._fleet, self._topics.box(self._fleet.box), card.model_dump_json().encode())

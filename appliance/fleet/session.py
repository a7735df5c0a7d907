"""One connection of a box to its fleet, under one key."""

from __future__ import annotations

import queue
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from appliance.fleet.card import Card, digest
from appliance.fleet.council import Council
from appliance.fleet.envelope import MOST_BYTES
from appliance.fleet.exchange import Exchange
from appliance.fleet.pace import USUAL, Pace
from appliance.fleet.reading import Reading
from appliance.fleet.topics import Topics
from appliance.mqtt.broker import Broker
from appliance.mqtt.connection import Connection
from appliance.mqtt.message import Message
from appliance.store import Store
from appliance.store.membership import BrokerPlace, Fleet

MOST_AT_ONCE = 16
"""Messages taken over in one transaction."""

MOST_WAITING = 16
"""Messages that wait for us; the broker must wait beyond."""

GREETING = None
"""Stands among the messages for a connection that was made: what comes after it is heard anew."""


class Session:
    """One connection under one key. `step` returns False when it is over: left, rotated, or moved."""

    def __init__(
        self,
        store: Store,
        fleet: Fleet,
        broker: Broker,
        describe: Callable[[], Card],
        passing: bool,
        pace: Pace = USUAL,
    ) -> None:
        """passing: of a command that ends soon, which does not speak for the box."""
        self._pace = pace
        self.fleet = fleet
        self.store = store
        self._describe = describe
        self._passing = passing
        self._inbox: queue.Queue[Message | None] = queue.Queue(MOST_WAITING)
        self._closed = threading.Event()
        self._told_at = self._card_at = float("-inf")
        self._left = False
        self.over = False
        """True once another session must follow: what is said under this key is read by nobody."""
        self._version: int | None = None
        self.council = Council(store, fleet, self._send, pace)
        self.circle = self.council.circle
        self.exchange = Exchange(store.shared(), fleet, self._send, pace=pace)
        self._topics = Topics(fleet.id)
        name = secrets.token_hex(8)
        self._reading = Reading(self._topics, name, self._send, lambda topic: self.connection.read(topic), pace.mark_s)
        self.connection = self._connected(broker, name)
        self.connection.start()

    def _connected(self, broker: Broker, name: str) -> Connection:
        topics, fleet = self._topics, self.fleet
        return Connection(
            broker,
            f"mofy-fleet-{fleet.box[:40]}-{name[:8]}",
            [self._reading.mark_topic, topics.key("+"), topics.box("+"), topics.mode("+"), topics.ask("+")],
            self._receive,
            lambda: self._receive(GREETING),
            None if self._passing else self.council.card_message(self._away()),
            keep=False,
            most_bytes=MOST_BYTES,
        )

    @property
    def ready(self) -> bool:
        """True when everything the broker holds has been read."""
        return self._reading.is_over

    @property
    def fault(self) -> str | None:
        """What is wrong, in words."""
        return self.connection.fault or self.council.fault

    def step(self, wait_s: float | None = None) -> bool:
        """Hear what came, tell what is due; False when another session must follow. Raises StoreError."""
        if self.over:
            return False
        messages = self._waiting(self._pace.look_s if wait_s is None else wait_s)
        now = time.monotonic()
        people: list[Message] = []
        for message in messages:
            if message is GREETING:
                self._begin(now)
            elif self._topics.parts(message.topic)[:1] == ["people"]:
                people.append(message)
            else:
                # What was told before a mark, or under an older key, must be taken over before it.
                self._hear_people(people)
                people = []
                self._hear(message, now)
        self._hear_people(people)
        self.circle.keep()
        if not self._look():
            return False
        if self._reading.has_begun:
            self._go_on(now)
        return True

    def close(self) -> None:
        """Say that we are away; may be called twice."""
        self._closed.set()
        # Who has left has told so, and must not say that he is only away.
        quiet = self._passing or self._left
        try:
            farewell = None if quiet else self.council.card_message(self._away())
        except Exception:
            # It would go on without us, and so would the next one, and the next.
            self.connection.close()
            raise
        self.connection.close(farewell)

    def _go_on(self, now: float) -> None:
        self._reading.keep_on(now)
        if self._reading.knows_control and self.council.fault is None:
            self.exchange.tick(now)
        if self.ready:
            self.council.succession.repair(now, lambda: self.exchange.deleted)
            if now - self._card_at > self._pace.card_s:
                self._tell_card(now)

    def _tell_card(self, now: float) -> None:
        self._card_at = now
        card = self._away() if self._passing else self.own_card()
        heard = self.circle.cards.get(self.fleet.box)
        if self._passing and heard is not None and heard.public == card.public:
            return
        # Not only what we have not told yet: another process of this box may have told otherwise.
        if heard is None or heard.calm() != card.calm() or now - self._told_at > self._pace.restless_s:
            self._told_at = now
            self.council.tell(card)

    def _away(self) -> Card:
        return self.own_card().model_copy(update={"online": False})

    def own_card(self) -> Card:
        """What this box is like now."""
        known = {"deleted": digest(self.exchange.deleted), "obeyed": self.fleet.obeyed}
        return self._describe().model_copy(update=known)

    def _look(self) -> bool:
        version = self.store.version()
        if version == self._version:
            return True
        self._version = version
        fleet = self.store.membership().fleet()
        if fleet is None or (fleet.id, fleet.rotation, fleet.broker) != _like(self.fleet):
            self._left = fleet is None
            self.over = True
            return False
        self.fleet = fleet
        self.circle.look()
        self.exchange.look()
        return True

    def _begin(self, now: float) -> None:
        self.exchange.begin()
        self.council.begin()
        self._card_at = float("-inf")
        self._reading.begin(now)

    def _hear(self, message: Message, now: float) -> None:
        if message.topic != self._reading.mark_topic:
            self.council.hear(message, now)
        elif (shard := self._reading.marked(message.payload, now)) is not None:
            self.exchange.shard_read(shard)

    def _hear_people(self, messages: list[Message]) -> None:
        if messages:
            self.exchange.hear(messages, self.council.succession.ahead)

    def _waiting(self, wait_s: float) -> list[Message | None]:
        found: list[Message | None] = []
        with suppress(queue.Empty):
            found.append(self._inbox.get(timeout=wait_s))
            while len(found) < MOST_AT_ONCE:
                found.append(self._inbox.get_nowait())
        return found

    def _receive(self, message: Message | None) -> None:
        # In the connection's thread: where we are slow, the broker must wait.
        while not self._closed.is_set():
            with suppress(queue.Full):
                self._inbox.put(message, timeout=0.1)
                return

    def _send(self, message: Message) -> bool:
        return self.connection.send(message)


def _like(fleet: Fleet) -> tuple[str, str, BrokerPlace]:
    return fleet.id, fleet.rotation, fleet.broker

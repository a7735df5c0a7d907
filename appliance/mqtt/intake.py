"""What comes in, sorted: refused at once, or put where it waits its turn. Quick, and of bounded size.

What covers everyone is never refused for being too much: of many such orders one is kept.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from appliance.mqtt.limits import Bucket
from appliance.mqtt.message import Message
from appliance.mqtt.topics import Topics

log = logging.getLogger(__name__)

MOST_WAITING = 64
MOST_BYTES = 16 * 1024
"""Of an order without photos."""

MOST_ENROL_BYTES = 8 * 1024 * 1024
"""Of one with photos: base64 of what a phone takes."""

MOST_ENROLLING = 2
"""Enrolments waiting at once: each is large and takes seconds."""

PANICS = ("command/cover-everyone", "command/slate")
PANIC_MODES = (b"cover-everyone", b"slate")

MODE_PLACES = ("mode/set", "command/selective")

Refuse = Callable[[Message, str], None]


@dataclass(slots=True)
class Limits:
    """How fast orders are taken."""

    orders: Bucket = field(default_factory=lambda: Bucket(rate=10.0, burst=40))
    enrolments: Bucket = field(default_factory=lambda: Bucket(rate=1 / 3, burst=6))
    refusals: Bucket = field(default_factory=lambda: Bucket(rate=2.0, burst=10))
    """Answers to what is refused: a flood must not be answered with one."""


class Intake:
    """Filled by the connection's thread, emptied by the agent's and the enroller's."""

    def __init__(self, topics: Topics, refuse: Refuse, limits: Limits | None = None) -> None:
        """refuse: answers with a reason."""
        self._topics = topics
        self._refuse = refuse
        self._limits = limits or Limits()
        self._modes = {topics.of(*place.split("/")) for place in MODE_PLACES}
        self._urgent: dict[str, Message] = {}
        self._orders: deque[Message] = deque()
        self._enrolments: deque[Message] = deque()
        self._changed = threading.Condition()
        self._awake = False
        self.refused = 0
        """How many orders were not taken."""

    def take(self, message: Message) -> None:
        """Keep an order for later, or refuse it."""
        place = "/".join(self._topics.levels(message.topic))
        if message.retain:
            log.warning("MQTT: a retained order on %s is ignored: nobody knows how old it is", place)
            return
        if place in PANICS or (place == "mode/set" and message.payload in PANIC_MODES):
            self._panic(place, message)
            return
        enrols = place == "command/enrol"
        if len(message.payload) > (MOST_ENROL_BYTES if enrols else MOST_BYTES):
            self._drop(message, f"is too large: at most {MOST_ENROL_BYTES if enrols else MOST_BYTES} bytes are taken")
        elif not (self._limits.enrolments if enrols else self._limits.orders).take(time.monotonic()):
            self._drop(message, "too many orders at once; wait a little")
        elif not self._put(message, enrols):
            self._drop(message, "too many orders are waiting; wait a little")

    def next(self, timeout_s: float) -> Message | None:
        """The next order, what covers everyone first; None when there is none in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._urgent or self._orders or self._awake, timeout_s)
            if self._urgent:
                return self._urgent.pop(next(iter(self._urgent)))
            return self._orders.popleft() if self._orders else None

    def next_enrolment(self, timeout_s: float) -> Message | None:
        """The next order to enrol."""
        with self._changed:
            self._changed.wait_for(lambda: self._enrolments or self._awake, timeout_s)
            return self._enrolments.popleft() if self._enrolments else None

    def wake(self) -> None:
        """Let nobody wait any more."""
        with self._changed:
            self._awake = True
            self._changed.notify_all()

    def _panic(self, place: str, message: Message) -> None:
        """Before all others, and in the place of earlier wishes for the mode: overtaken, they would undo it."""
        with self._changed:
            older = [one for one in self._orders if one.topic in self._modes]
            self._orders = deque(one for one in self._orders if one.topic not in self._modes)
            self._urgent.pop(place, None)
            self._urgent[place] = message
            self._changed.notify_all()
        for one in older:
            self._drop(one, "a newer order took its place")

    def _put(self, message: Message, enrols: bool) -> bool:
        queue, most = (self._enrolments, MOST_ENROLLING) if enrols else (self._orders, MOST_WAITING)
        with self._changed:
            if len(queue) >= most:
                return False
            queue.append(message)
            self._changed.notify_all()
            return True

    def _drop(self, message: Message, why: str) -> None:
        self.refused += 1
        if self._limits.refusals.take(time.monotonic()):
            log.warning("MQTT: an order on %s is refused: %s", message.topic, why)
            self._refuse(message, why)

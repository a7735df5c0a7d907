"""What the broker is told: everything after a connect, then what has changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from appliance.mqtt import discovery, reports
from appliance.mqtt.facts import Facts
from appliance.mqtt.happenings import Happenings
from appliance.mqtt.message import Message
from appliance.mqtt.topics import Topics
from appliance.options import Config


class Teller:
    """Belongs to the agent's thread, but for `begin_anew` and `found`. send: False when the message was dropped."""

    def __init__(self, config: Config, topics: Topics, send: Callable[[Message], bool]) -> None:
        self._config = config
        self._options = config.mqtt
        self._topics = topics
        self._send = send
        self._happenings = Happenings(self._options.share_names)
        self._sent: dict[str, bytes] = {}
        self._calm: dict[str, Any] = {}
        self._state_at = float("-inf")
        self._anew = threading.Event()
        self._found: SimpleQueue[str] = SimpleQueue()

    @property
    def keeps(self) -> tuple[str, ...]:
        """Filters of what an earlier run may have left with the broker, of people who are gone since."""
        own = (self._topics.of("person", "+", "state"),)
        prefix = self._options.discovery
        return (*own, discovery.topic(prefix, self._topics, "switch", "+")) if prefix else own

    def begin_anew(self) -> None:
        """Tell everything: the broker, or who listens, may have forgotten it."""
        self._anew.set()

    def found(self, topic: str) -> None:
        """The broker keeps something there; it is taken back unless it is still true."""
        self._found.put(topic)

    def tell(self, facts: Facts) -> None:
        """Send what has changed since the last call; all of it after `begin_anew`."""
        if self._anew.is_set():
            self._anew.clear()
            self._sent, self._calm = {}, {}
        found = {self._found.get() for _ in range(self._found.qsize())}
        wanted = self._wanted(facts)
        for topic in [topic for topic in (*self._sent, *found) if topic not in wanted]:
            self._sent.pop(topic, None)
            self._keep(topic, b"")
        for topic, payload in wanted.items():
            if self._sent.get(topic) != payload and self._keep(topic, payload):
                self._sent[topic] = payload
        self._tell_state(facts)
        for kind, told in self._happenings.since(facts):
            self._send(Message(self._topics.of("event", kind), reports.packed({"event_type": kind, **told})))

    def _wanted(self, facts: Facts) -> dict[str, bytes]:
        names, prefix = self._options.share_names, self._options.discovery
        told = reports.retained(facts, self._topics, names)
        if prefix:
            told |= discovery.discovery(prefix, self._topics, facts.people, names, self._config)
        return told

    def _tell_state(self, facts: Facts) -> None:
        state, now = reports.state(facts), time.monotonic()
        calm = reports.calm(state)
        if calm == self._calm and now - self._state_at < self._options.every_s:
            return
        if self._keep(self._topics.of("state"), reports.packed(state)):
            self._calm, self._state_at = calm, now

    def _keep(self, topic: str, payload: bytes) -> bool:
        return self._send(Message(topic, payload, retain=True))

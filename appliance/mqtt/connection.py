"""One lasting connection to a broker: TLS, credentials, back-off, and a session that outlives outages.

MQTT 5, and 3.1.1 with brokers that know no better. The agent's, and a fleet's.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from appliance.errors import ConfigError
from appliance.mqtt import wire
from appliance.mqtt.broker import Broker, refusal_words, tls_words, told
from appliance.mqtt.message import CATCH_UP_S, Message
from appliance.mqtt.retries import Retries

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage, MQTTMessageInfo

log = logging.getLogger(__name__)

SESSION_S = 24 * 3600
"""How long the broker keeps what was sent to us while we were away."""

ANSWER_S = 10.0
"""So long for the broker to say yes or no."""

ROOM_BYTES = 4096
"""For topic and properties, on top of a payload."""


class Connection:
    """Connects in a thread of its own, again and again until closed.

    greet is called in that thread at each connect, before anything is received; receive with each message of the
    topics (filters), and must be quick. keep: the broker keeps the session of this client id over outages.
    """

    def __init__(
        self,
        broker: Broker,
        client_id: str,
        topics: Sequence[str],
        receive: Callable[[Message], None],
        greet: Callable[[], None] = lambda: None,
        will: Message | None = None,
        keep: bool = True,
        most_bytes: int = 256 * 1024,
    ) -> None:
        """most_bytes: of a message that is received; the broker keeps larger ones from us where it can."""
        self.broker = broker
        self.fault: str | None = None
        """Why there is no connection, in words; None while there is one."""
        self.refused = False
        """True when the broker said no: trying again soon would not help."""
        self.denied: tuple[str, ...] = ()
        """Topics that the broker does not let us read."""
        self._client_id = client_id
        self._topics = topics
        self._receive = receive
        self._greet = greet
        self._will = will
        self._keep = keep
        self._most_bytes = most_bytes
        self._modern = True
        self._fresh = not keep
        self._told = ""
        self._retries = Retries()
        self._resumed_at = float("-inf")
        self._asked: int | None = None
        self._sent: MQTTMessageInfo | None = None
        self._words = wire.Words()
        self._answered = threading.Event()
        self._up = threading.Event()
        self._ready = threading.Event()
        self._stop = threading.Event()
        self._leaving = False
        self._speaking = threading.RLock()
        """Held to greet, and to say farewell: a greeting that came after it would tell for ever that we are there."""
        self._client = self._made()
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)

    @property
    def connected(self) -> bool:
        """True while the broker has us."""
        return self._up.is_set()

    @property
    def modern(self) -> bool:
        """True for MQTT 5: messages may carry where to answer."""
        return self._modern

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._thread.start()

    def wait(self, timeout_s: float) -> bool:
        """True as soon as there is a connection and messages may come; False when there is none in time or refused."""
        end_at = time.monotonic() + timeout_s
        while not self._ready.wait(0.02) and time.monotonic() < end_at and not self.refused:
            pass
        return self._ready.is_set()

    def send(self, message: Message) -> bool:
        """Send, or with QoS 1 keep it until there is a connection; False when it was dropped. From any thread."""
        if not (self.connected or message.qos):
            return False
        sent = wire.publish(self._client, message, self._modern)
        self._sent = sent or self._sent
        return sent is not None

    def read(self, topic: str) -> None:
        """Receive one more topic (filter) until this connection is lost, with all that the broker kept of it."""
        wire.subscribe(self._client, [topic], self._modern)

    def close(self, farewell: Message | None = None, timeout_s: float = 1.0) -> None:
        """Say what is still to be said and farewell, if there is a connection, and end; may be called twice."""
        with self._speaking:
            self._leaving = True
            speaks = self.connected and not self._stop.is_set() and threading.current_thread() is not self._thread
            if speaks and farewell is not None:
                self.send(farewell)
        if speaks and self._sent is not None:
            wire.wait(self._sent, timeout_s)
        self._stop.set()
        with suppress(OSError):  # the thread that drives it may be hanging up this very moment
            self._client.disconnect()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stop.is_set():
            self.refused = False
            self._retries.begin()
            try:
                self._connect()
                self._serve()
            except (ConfigError, OSError, ValueError) as error:
                self.fault = str(error) if isinstance(error, ConfigError) else f"{self.broker}: {told(error)}"
            except Exception as error:  # whatever paho makes of what a broker may send: this thread must not end by it
                log.exception("MQTT: the connection failed")
                self.fault = f"{self.broker}: sent something that makes no sense ({type(error).__name__})"
                wire.hang_up(self._client)
                self._client = self._made()
            self._lose()
            self._stop.wait(self._retries.pause_s(time.monotonic(), self.refused))
        wire.hang_up(self._client)

    def _connect(self) -> None:
        """Raises ConfigError, OSError (TLS's too), ValueError."""
        client = self._client
        client.username_pw_set(self.broker.user, self.broker.password() if self.broker.user else None)
        if (context := self.broker.context()) is not None:
            client.tls_set_context(context)
        self._answered.clear()
        self._words.forget()
        extra: dict[str, Any] = {}
        if self._modern:
            session_s = SESSION_S if self._keep else 0
            wanted = wire.wanted(session_s, self._most_bytes + ROOM_BYTES)
            extra = {"clean_start": self._fresh, "properties": wanted}
        client.connect(self.broker.host, self.broker.port, self.broker.keepalive_s, **extra)

    def _serve(self) -> None:
        client, began = self._client, time.monotonic()
        while not self._stop.is_set() and client.loop(1.0) == 0:
            if wire.coming_bytes(client) > self._most_bytes + ROOM_BYTES:
                self._throw_away(client)
                return
            if not self._answered.is_set() and time.monotonic() - began > ANSWER_S:
                self.fault = f"{self.broker}: does not speak MQTT"
                return
        if not self._answered.is_set() and not self._stop.is_set():
            self._hung_up(tls_words(self._words.newest))

    def _hung_up(self, words: str | None) -> None:
        """Without an answer; words: why, if TLS told. Some brokers do so to a version that they do not know."""
        self.fault = f"{self.broker}: {words or 'hangs up'}"
        if self._retries.hung_up(told=words is not None):
            self._speak(modern=not self._modern)

    def _throw_away(self, client: Client) -> None:
        # With 3.1.1 nobody keeps it from us, and of a kept session the broker would send it again for ever.
        self.fault = f"{self.broker}: sent a message of more than {self._most_bytes} bytes"
        wire.hang_up(client)
        self._client = self._made(fresh=True)

    def _lose(self) -> None:
        if self.connected and self.fault is None:
            self.fault = f"{self.broker}: the connection is lost"
        self._up.clear()
        self._ready.clear()
        if self.fault and self.fault != self._told and not self._stop.is_set():
            log.warning("MQTT: %s", self.fault)
            self._told = self.fault

    def _speak(self, modern: bool) -> None:
        old, self._modern = self._client, modern
        self._client = self._made()
        wire.hang_up(old)

    def _made(self, fresh: bool = False) -> Client:
        """fresh: begin with a session that nothing is kept of."""
        self._fresh = fresh or not self._keep
        client = wire.client(self._client_id, self._modern, self._fresh, self._will, self._words)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _on_connect(self, client: Client, _: Any, flags: Any, reason: Any, properties: Any) -> None:
        self._answered.set()
        self._retries.answered()
        name = reason.getName()
        if reason.is_failure:
            if name == "Unsupported protocol version" and self._modern:
                log.info("MQTT: %s does not know version 5; going on with 3.1.1", self.broker)
                self._speak(modern=False)
            self._refuse(name, "refuses")
            return
        with self._speaking:
            if not self._leaving:
                self._begin(client, flags)

    def _begin(self, client: Client, flags: Any) -> None:
        log.info("MQTT: connected to %s", self.broker)
        self.fault, self._told = None, ""
        self._fresh = not self._keep
        now = time.monotonic()
        self._retries.connected(now)
        self._resumed_at = now if flags.session_present else float("-inf")
        self._up.set()
        if self._topics:
            self._asked = wire.subscribe(client, self._topics, self._modern)
        else:
            self._ready.set()
        with _guarded("greeting"):
            self._greet()

    def _refuse(self, name: str, what: str) -> None:
        words = refusal_words(name)
        self.refused = words is not None
        self.fault = f"{self.broker}: {words or f'{what} ({name.lower()})'}"

    def _on_subscribe(self, client: Client, _: Any, number: int, reasons: Any, properties: Any) -> None:
        if number != self._asked:
            return
        self.denied = tuple(topic for topic, reason in zip(self._topics, reasons) if reason.is_failure)
        for topic in self.denied:
            log.warning("MQTT: %s does not let us read %s", self.broker, topic)
        self._ready.set()

    def _on_disconnect(self, client: Client, _: Any, flags: Any, reason: Any, properties: Any) -> None:
        if flags.is_disconnect_packet_from_server and reason.is_failure:
            self._refuse(reason.getName(), "ended the connection")

    def _on_message(self, client: Client, _: Any, came: MQTTMessage) -> None:
        message = wire.message(came)
        if message is not None and len(message.payload) <= self._most_bytes:
            late = time.monotonic() - self._resumed_at < CATCH_UP_S
            with _guarded("receiving"):
                self._receive(replace(message, late=late))


@contextmanager
def _guarded(what: str) -> Iterator[None]:
    """A fault of whoever uses the connection must not end it."""
    try:
        yield
    except Exception:
        log.exception("MQTT: %s failed", what)

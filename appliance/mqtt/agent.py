"""The box on a broker: tells what is reported, obeys what is asked. One more reader of facts and editor of wishes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.mqtt import reports
from appliance.mqtt.answering import Answerer
from appliance.mqtt.box_id import box_id
from appliance.mqtt.broker import PLAIN_PORT, TLS_PORT, Broker
from appliance.mqtt.commands import Commands
from appliance.mqtt.connection import Connection
from appliance.mqtt.enrolment import Enroller
from appliance.mqtt.facts import Looker
from appliance.mqtt.intake import MOST_ENROL_BYTES, Intake
from appliance.mqtt.message import Message
from appliance.mqtt.report import Report, Reporter
from appliance.mqtt.setup import PASSWORD
from appliance.mqtt.telling import Teller
from appliance.mqtt.topics import Topics
from appliance.options import Config, Mqtt

log = logging.getLogger(__name__)

TURN_S = 0.1
"""How often the facts are looked at while nothing is asked."""

ENDING_S = 3.0
"""How long what is being obeyed may take when the agent ends."""

ENDS = "the box is ending this very moment; send it again"

CALM_S = 0.02
"""Pause after each order: a flood of them leaves the processor to the picture."""


class Agent:
    """Made by `build`, started once. Whatever fails here, page and picture go on."""

    def __init__(self, config: Config, data: Path, runtime: Path, box: str) -> None:
        self.topics = Topics(config.mqtt.base, box)
        self._prefix = config.mqtt.discovery
        self._looker = Looker(data, runtime, config)
        self._teller = Teller(config, self.topics, self._send)
        self._enroller = Enroller(data, config)
        commands = Commands(data, runtime, config.mqtt.obey, self._show, self._enroller)
        self._answerer = Answerer(self.topics, commands, self._send)
        self._intake = Intake(self.topics, self._answerer.refuse)
        self._reporter = Reporter(runtime)
        self._stop = threading.Event()
        hello = (f"{self._prefix}/status",) if self._prefix else ()
        self.connection = Connection(
            broker(config.mqtt, data),
            f"mofy-{box}",
            (*self.topics.orders, *self._teller.keeps, *hello),
            self._receive,
            self._greet,
            Message(self.topics.of("availability"), reports.OFFLINE, retain=True),
            most_bytes=MOST_ENROL_BYTES,
        )
        self._threads = [
            threading.Thread(target=self._work, name="mqtt-agent", daemon=True),
            threading.Thread(target=self._enrol, name="mqtt-enrol", daemon=True),
        ]

    def start(self) -> None:
        """Connect, tell and obey, in threads of its own."""
        self.connection.start()
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Say that the box is gone, and end."""
        self._stop.set()
        self._intake.wake()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(ENDING_S)
        self.connection.close(Message(self.topics.of("availability"), reports.OFFLINE, retain=True))
        # What came meanwhile: the broker has our word that we have it, and will not send it again.
        self._obey_rest()

    def _obey_rest(self) -> None:
        while (message := self._intake.next(0)) is not None:
            self._obey(message)

    def _obey(self, message: Message) -> None:
        with _told_only("an order"):
            self._answerer.obey(message)

    def _send(self, message: Message) -> bool:
        return self.connection.send(message)

    def _show(self, picture: bytes) -> None:
        self._send(Message(self.topics.of("snapshot"), picture))

    def _greet(self) -> None:
        self._send(Message(self.topics.of("availability"), reports.ONLINE, retain=True))
        self._teller.begin_anew()

    def _receive(self, message: Message) -> None:
        """In the connection's thread, hence quick."""
        if self._prefix and message.topic == f"{self._prefix}/status":
            if message.payload == b"online":
                self._teller.begin_anew()
        elif message.topic.endswith(("/config", "/state")):
            if message.retain and message.payload:
                self._teller.found(message.topic)
        else:
            self._intake.take(message)

    def _work(self) -> None:
        while not self._stop.is_set():
            message = self._intake.next(TURN_S)
            if message is not None:
                self._obey(message)
            if self.connection.connected:
                with _told_only("a report"):
                    self._teller.tell(self._looker.look())
            if message is not None:
                self._stop.wait(CALM_S)
            self._reporter.write(self._report())
        self._obey_rest()
        self._reporter.end()
        self._looker.close()

    def _report(self) -> Report:
        link = self.connection
        fault = None if link.connected else link.fault
        refused = self._intake.refused
        return Report(time.time(), self.topics.box, str(link.broker), link.connected, fault, refused)

    def _enrol(self) -> None:
        while not self._stop.is_set():
            message = self._intake.next_enrolment(1.0)
            if message is not None:
                self._obey(message)
        while (message := self._intake.next_enrolment(0)) is not None:
            self._answerer.refuse(message, ENDS)
        self._enroller.close()


def build(config: Config, data: Path, runtime: Path) -> Agent:
    """The agent for the broker that the configuration names; raises ConfigError."""
    return Agent(config, data, runtime, box_id(data))


def broker(options: Mqtt, data: Path) -> Broker:
    """Where the configuration says that the broker is, and how to be let in."""
    kept = data / PASSWORD
    password = Path(options.password_file) if options.password_file else kept if kept.exists() else None
    return Broker(
        options.broker,
        options.port or (TLS_PORT if options.tls else PLAIN_PORT),
        options.user if password else None,
        password,
        options.tls,
        Path(options.ca) if options.ca else None,
        Path(options.certificate) if options.certificate else None,
        Path(options.key) if options.key else None,
    )


@contextmanager
def _told_only(what: str) -> Iterator[None]:
    """A mistake of ours in one order or report is no end of all others."""
    try:
        yield
    except Exception:
        log.exception("MQTT: %s failed", what)

"""Orders read, carried out and answered."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from appliance.errors import InputError, MofyError
from appliance.mqtt import orders
from appliance.mqtt.commands import Answer, Commands
from appliance.mqtt.message import Message
from appliance.mqtt.orders import OrderError, Setting, Switch
from appliance.mqtt.reports import packed
from appliance.mqtt.topics import COMMANDS, SETTINGS, Topics

log = logging.getLogger(__name__)


class Answerer:
    """May be used by any thread."""

    def __init__(self, topics: Topics, commands: Commands, send: Callable[[Message], bool]) -> None:
        self._topics = topics
        self._commands = commands
        self._send = send

    def obey(self, message: Message) -> None:
        """Do what is asked, and say what became of it."""
        answer: Answer = {"ok": True, "order": "/".join(self._topics.levels(message.topic))}
        try:
            if (told := orders.told_id(message.payload)) is not None:
                answer["id"] = told
            done = self._done(message)
            if done is None:
                return
            answer |= done
        except OrderError as error:
            answer |= {"ok": False, "error": str(error), **({"field": error.field} if error.field else {})}
        except MofyError as error:
            answer |= {"ok": False, "error": str(error)}
        self._answer(message, answer)

    def _done(self, message: Message) -> Answer | None:
        """Carry it out; None for what is no order at all. Raises MofyError."""
        match self._topics.levels(message.topic):
            case (key, "set") if key in SETTINGS:
                if not message.payload:
                    return None  # somebody cleared a retained order
                return self._commands.set(key, self._read(message, Setting), message.late)
            case ("person", person, "set"):
                return self._commands.switch(person, self._read(message, Switch), message.late)
            case ("command", name) if name in COMMANDS:
                return self._commands.command(name, self._read(message, orders.MODELS[name]), message.late)
            case ("command", name):
                raise InputError(f"{name[:40]}: there is no such command; there are {', '.join(COMMANDS)}")
            case (key, "set"):
                raise InputError(f"{key[:40]}: there is no such setting; there are {', '.join(SETTINGS)}")
        return None

    def _read(self, message: Message, model: type[Any]) -> Any:
        order = orders.read(message.payload, model)
        if (late_s := orders.is_stale(order, time.time())) is not None:
            log.warning("MQTT: an order on %s is ignored: it ended %d s ago", message.topic, late_s)
            raise InputError(f"came too late: it ended {late_s:.0f} s ago by this box's clock, and nothing was done")
        return order

    def refuse(self, message: Message, why: str) -> None:
        """Say that nothing is done, and why."""
        self._answer(message, {"ok": False, "order": "/".join(self._topics.levels(message.topic)), "error": why})

    def _answer(self, message: Message, answer: Answer) -> None:
        try:
            topic = self._topics.answer(message.response)
        except InputError as error:
            log.warning("MQTT: an order on %s: %s", message.topic, error)
            return
        self._send(Message(topic, packed(answer), correlation=message.correlation))

"""Messages to and from paho, which is imported when the first client is made."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from appliance.mqtt.message import Message

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage, MQTTMessageInfo
    from paho.mqtt.properties import Properties

MOST_QUEUED = 200
"""Messages that wait for the broker to come back; more are dropped."""

MOST_AT_ONCE = 20
"""QoS 1 messages that the broker may send ahead of our acknowledgement."""


class Words:
    """What paho says of the fault at hand, which it tells nobody but its logger."""

    def __init__(self) -> None:
        self.newest = ""
        self.logger = logging.Logger("paho", logging.ERROR)
        handler = logging.Handler()
        handler.emit = self._keep  # type: ignore[method-assign]
        self.logger.addHandler(handler)

    def forget(self) -> None:
        """Forget it: another attempt begins."""
        self.newest = ""

    def _keep(self, record: logging.LogRecord) -> None:
        self.newest = record.getMessage()


def client(client_id: str, modern: bool, fresh: bool, will: Message | None, words: Words) -> Client:
    """A client that is to be driven by one thread and may publish from any.

    modern: MQTT 5, else 3.1.1. fresh: with 3.1.1, keep no session (version 5 says so as it connects).
    """
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

    version = MQTTProtocolVersion.MQTTv5 if modern else MQTTProtocolVersion.MQTTv311
    made = Client(
        CallbackAPIVersion.VERSION2,
        client_id,
        clean_session=None if modern else fresh,
        protocol=version,
        reconnect_on_failure=False,
    )
    made.max_queued_messages_set(MOST_QUEUED)
    made.enable_logger(words.logger)
    if will is not None:
        made.will_set(will.topic, will.payload, will.qos, will.retain)
    # Other threads' messages then wait for the one that drives, instead of being written in the middle of its own.
    made.on_socket_register_write = _nothing
    return made


def wanted(session_s: int, most_bytes: int) -> Properties:
    """What MQTT 5 asks of the broker at a connect: how long to keep the session, and what not to send."""
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = session_s
    properties.MaximumPacketSize = most_bytes
    properties.ReceiveMaximum = MOST_AT_ONCE
    return properties


def subscribe(client: Client, topics: Sequence[str], modern: bool) -> int | None:
    """Ask for these topics, each message at least once; the number that the answer will have.

    With MQTT 5 what the broker is to keep says so whenever it comes.
    """
    from paho.mqtt.subscribeoptions import SubscribeOptions

    if modern:
        return client.subscribe([(topic, SubscribeOptions(qos=1, retainAsPublished=True)) for topic in topics])[1]
    return client.subscribe([(topic, 1) for topic in topics])[1]


def publish(client: Client, message: Message, modern: bool) -> MQTTMessageInfo | None:
    """Hand the message over, to be sent now or (QoS 1) when there is a connection; None when it was dropped."""
    from paho.mqtt.enums import MQTTErrorCode

    properties = _carried(message) if modern else None
    try:
        sent = client.publish(message.topic, message.payload, message.qos, message.retain, properties)
    except OSError:  # another thread was hanging up this very moment
        return None
    taken = (MQTTErrorCode.MQTT_ERR_SUCCESS, *((MQTTErrorCode.MQTT_ERR_NO_CONN,) if message.qos else ()))
    return sent if sent.rc in taken else None


def wait(sent: MQTTMessageInfo, timeout_s: float) -> None:
    """Until the broker has it, hence all before it too; returns at once for one handed over without a connection."""
    with suppress(RuntimeError, ValueError):
        sent.wait_for_publish(timeout_s)


def message(came: MQTTMessage) -> Message | None:
    """What came in; None for a topic that is no text."""
    try:
        topic = came.topic
    except UnicodeDecodeError:
        return None
    response, correlation = (getattr(came.properties, name, None) for name in ("ResponseTopic", "CorrelationData"))
    return Message(topic, bytes(came.payload), came.qos, came.retain, response=response, correlation=correlation)


def coming_bytes(client: Client) -> int:
    """Size of the message being read: paho itself takes up to 256 MB, and tells nobody."""
    coming: dict[str, Any] = getattr(client, "_in_packet", {})
    return int(coming.get("remaining_length", 0))


def hang_up(client: Client) -> None:
    """Cut the connection, without a word, and let go of the client's sockets: paho leaves them to the collector."""
    client._reset_sockets()


def _carried(message: Message) -> Properties:
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    if message.response is not None:
        properties.ResponseTopic = message.response
    if message.correlation is not None:
        properties.CorrelationData = message.correlation
    if message.expiry_s is not None:
        properties.MessageExpiryInterval = message.expiry_s
    return properties


def _nothing(client: Client, data: Any, sock: Any) -> None:
    return

"""Messages that the broker keeps for whoever comes later, and that only members can read."""

from __future__ import annotations

from appliance.fleet import envelope
from appliance.mqtt.message import Message
from appliance.store.membership import Fleet


def sealed(fleet: Fleet, topic: str, content: bytes) -> Message:
    """The content under the fleet's key; raises InputError when it is too large."""
    return kept(topic, envelope.seal(fleet.key, fleet.epoch, topic, content))


def opened(fleet: Fleet, message: Message) -> bytes | None:
    """What it holds; None for what is not sealed with the fleet's key for its topic."""
    try:
        return envelope.open_(fleet.key, message.topic, message.payload)
    except envelope.UnreadableError:
        return None


def kept(topic: str, payload: bytes) -> Message:
    """As it is, for everybody."""
    return Message(topic, payload, qos=1, retain=True)


def erased(topic: str) -> Message:
    """What makes the broker forget what it keeps there."""
    return kept(topic, b"")

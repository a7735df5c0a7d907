"""A message, as everything above the wire sees it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """A message on its way out or in."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False
    """Of one that came in: it was kept by the broker, and says nothing about when it was sent."""
    response: str | None = None
    """MQTT 5: where an answer is wanted."""
    correlation: bytes | None = None
    """MQTT 5: what an answer must carry."""
    expiry_s: int | None = None
    """MQTT 5: after so long the broker drops it undelivered."""

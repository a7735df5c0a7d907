"""A message, as everything above the wire sees it."""

from __future__ import annotations

from dataclasses import dataclass

CATCH_UP_S = 5.0
"""What comes so soon after a connection that the broker kept a session for may be old; it sends all of that at once."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message on its way out or in."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False
    """The broker is to keep it. Of one that came in: it may be old (always told with MQTT 5)."""
    late: bool = False
    """Of one that came in: it may have waited at the broker while we were away."""
    response: str | None = None
    """MQTT 5: where an answer is wanted."""
    correlation: bytes | None = None
    """MQTT 5: what an answer must carry."""
    expiry_s: int | None = None
    """MQTT 5: after so long the broker drops it undelivered."""

"""All that the broker holds of a fleet, read part by part: first keys, cards and wishes, then the people by shards.

A broker does not say when it has sent all that it keeps. So a box sends itself a mark after each part: brokers keep
the order, and what comes before the mark comes back is the whole part.
"""

from __future__ import annotations

from collections.abc import Callable

from appliance.fleet.topics import SHARDS, Topics
from appliance.mqtt.message import Message

CONTROL = -1
"""The first part: keys, cards, wishes, which a connection hears without asking."""


class Reading:
    """One session's, called by its one thread; `now` is seconds of any steady clock."""

    def __init__(
        self,
        topics: Topics,
        session: str,
        send: Callable[[Message], bool],
        read: Callable[[str], None],
        mark_s: float,
    ) -> None:
        """session: a word of its own; read: asks the broker for a topic; mark_s: so long, and a mark is sent again."""
        self._topics, self._send, self._read, self._mark_s = topics, send, read, mark_s
        self.mark_topic = topics.mark(session)
        self._part: int | None = None
        """The part that is being read: CONTROL, then places of SHARDS; None before the first connection."""
        self._round = 0
        self._marked_at = 0.0

    @property
    def has_begun(self) -> bool:
        """True once there was a connection."""
        return self._part is not None

    @property
    def knows_control(self) -> bool:
        """True when keys, cards and wishes have been read."""
        return self._part is not None and self._part > CONTROL

    @property
    def is_over(self) -> bool:
        """True when everything the broker holds has been read."""
        return self._part == len(SHARDS)

    def begin(self, now: float) -> None:
        """A connection was made: everything is read anew."""
        self._part, self._round = CONTROL, self._round + 1
        self._mark(now)

    def keep_on(self, now: float) -> None:
        """Send the mark again if it is overdue."""
        if not self.is_over and now - self._marked_at > self._mark_s:
            self._mark(now)

    def marked(self, payload: bytes, now: float) -> str | None:
        """A mark came back: go on to the next part. Returns the shard that has been read by that, if it was one."""
        if self._part is None or payload != self._payload():
            return None
        shard = SHARDS[self._part] if self._part > CONTROL else None
        self._part += 1
        if not self.is_over:
            self._read(self._topics.shard(SHARDS[self._part]))
            self._mark(now)
        return shard

    def _mark(self, now: float) -> None:
        self._marked_at = now
        self._send(Message(self.mark_topic, self._payload()))

    def _payload(self) -> bytes:
        # What was sent over an earlier connection may come back over this one.
        return f"{self._round}/{self._part}".encode()

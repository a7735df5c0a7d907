"""Everybody who gets the encoded stream: a queue for each, so that nobody waits for another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any

from appliance.core.sound import SoundPacket
from appliance.gst import gst

BEHIND_S = 0.5
"""A client whose queue holds more than this waits for the next key frame instead: late pictures help nobody."""

KEYFRAME_EVERY_S = 0.25
"""Key frames are made for clients no more often than this."""


class Audience:
    """Everybody who watches. Fed by the encoder's thread and the sound's; joined and left from others."""

    def __init__(self) -> None:
        self.force_keyframe: Callable[[], None] = lambda: None
        """Set once there is an encoder."""
        self._lock = threading.Lock()
        self._feeds: dict[Hashable, Feed] = {}
        self._key_wanted = False
        self._key_asked_at = 0.0

    @property
    def count(self) -> int:
        """How many are fed."""
        return len(self._feeds)

    def __contains__(self, who: object) -> bool:
        return who in self._feeds

    def join(self, who: Hashable, feed: Feed) -> None:
        """Feed them from the next key frame on, until they leave."""
        with self._lock:
            self._feeds[who] = feed
        self._ask()

    def leave(self, who: Hashable) -> None:
        """Feed them no more."""
        with self._lock:
            self._feeds.pop(who, None)

    def send(self, unit: Any, at_ns: int) -> None:
        """Hand one access unit, to be seen at that moment of time.monotonic(), to everybody who can take it."""
        offers = [feed.offer(unit, at_ns) for feed in self._all()]
        if any(offers) or self._key_wanted:
            self._ask()

    def hear(self, packet: SoundPacket) -> None:
        """Hand one packet of sound to everybody who can take it."""
        for feed in self._all():
            feed.hear(packet)

    def _all(self) -> list[Feed]:
        with self._lock:
            return list(self._feeds.values())

    def _ask(self) -> None:
        # Key frames are large: one serves everybody who came within a moment.
        now = time.monotonic()
        self._key_wanted = now - self._key_asked_at < KEYFRAME_EVERY_S
        if not self._key_wanted:
            self._key_asked_at = now
            self.force_keyframe()


class Feed:
    """One client's queues: bounded, and never begun or resumed but with a key frame."""

    def __init__(self, pictures: Any, sound: Any = None, behind_s: float = BEHIND_S) -> None:
        """Both are appsrc elements of a pipeline that plays on the system's clock; sound: None without sound.

        behind_s: seconds that may wait in each.
        """
        self._pictures = pictures
        self._sound = sound
        self._behind_ns = behind_s * gst().Gst.SECOND
        self._gst = gst().Gst
        copied = self._gst.BufferCopyFlags
        self._whole = copied.FLAGS | copied.META | copied.MEMORY
        self._waits_for_key = True
        self._began_ns = 0

    def offer(self, unit: Any, at_ns: int) -> bool:
        """Queue the access unit if the client can take it; True when only a key frame would help it now."""
        base = self._pictures.get_base_time()
        # No base time: the media is not playing yet, and a time stamp would mean nothing to it.
        if base == 0 or self._behind(self._pictures):
            self._waits_for_key = True
            return False
        if self._waits_for_key and unit.has_flags(self._gst.BufferFlags.DELTA_UNIT):
            return True
        if self._waits_for_key:
            self._began_ns = at_ns
        # Buffer.copy() is only another reference in PyGObject: the stamp would be set for every client at once.
        own = unit.copy_region(self._whole, 0, unit.get_size())
        own.pts = own.dts = max(at_ns - base, 0)
        self._waits_for_key = self._pictures.emit("push-buffer", own) != self._gst.FlowReturn.OK
        return False

    def hear(self, packet: SoundPacket) -> None:
        """Queue a packet of sound, if pictures are queued too: players that know no better let both begin at once."""
        at_ns = round(packet.at * self._gst.SECOND)
        if self._sound is None or self._waits_for_key or at_ns < self._began_ns or self._behind(self._sound):
            return
        buffer = self._gst.Buffer.new_wrapped(packet.data)
        buffer.pts = buffer.dts = max(at_ns - self._sound.get_base_time(), 0)
        buffer.duration = round(packet.seconds * self._gst.SECOND)
        self._sound.emit("push-buffer", buffer)

    def _behind(self, source: Any) -> bool:
        return bool(source.get_property("current-level-time") > self._behind_ns)

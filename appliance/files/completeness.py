"""Was everything that a video file promises really there? Decoders and demuxers pass over damage in silence."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

ONE_FOR_ONE = frozenset(("h264", "hevc", "vp9", "libdav1d", "av1", "mjpeg", "mpeg2video", "prores", "ffv1", "gif"))
"""Decoders that give one picture for each packet; others hide packets, or pack several pictures into one."""

GAPLESS = ("mov", "avi")
"""Containers whose packets follow each other without a gap, each with its exact duration."""

EXACT = ("mov", "matroska", "avi")
"""Containers that say how long they are; what ends earlier was cut off."""

SLACK_S = Fraction(1, 8)
"""A stream may end this much before its container says without having been cut off: a packet of sound."""

WRONG_SHARE = 0.25
"""Gaps at more packets than this are no gaps but a container that does not know durations."""


class Completeness:
    """Told of every packet and picture, it says in the end what is missing."""

    def __init__(self, container: Any, video: Any) -> None:
        """container, video: the av container and the stream whose pictures are used."""
        self._format = container.format.name
        self._begins = Fraction(container.start_time or 0, 1_000_000)
        self._duration = Fraction(container.duration or 0, 1_000_000)
        self._video = video
        self._ends: dict[int, Fraction] = {}
        self._first_key: int | None = None
        self._next_dts: int | None = None
        self._pictures = self._expected = 0
        self._fields = False
        self._steps = self._gaps = 0

    def packet(self, packet: Any) -> None:
        """One packet of any stream that is read."""
        if packet.pts is not None:
            end = (packet.pts + (packet.duration or 0)) * Fraction(packet.time_base)
            self._ends[packet.stream.index] = max(self._ends.get(packet.stream.index, end), end)
        if packet.stream.index == self._video.index and packet.size:
            self._note_gap(packet)
            self._expect(packet)

    def picture(self, picture: Any) -> None:
        """One decoded picture."""
        self._fields = self._fields or bool(picture.interlaced_frame)
        if self._first_key is None or picture.pts is None or picture.pts >= self._first_key:
            self._pictures += 1

    def fault(self) -> str | None:
        """What is missing, in words, or None."""
        reached = max(self._ends.values(), default=self._begins) - self._begins
        slack = SLACK_S + 2 / Fraction(self._video.average_rate or 25)
        if self._format.startswith(EXACT) and reached < self._duration - slack:
            return f"is cut off after {float(reached):.1f} of {float(self._duration):.1f} seconds"
        # Each packet may hold a single field.
        known = self._video.codec_context.codec.name in ONE_FOR_ONE and not self._fields
        if known and self._pictures < self._expected:
            return f"is damaged: {self._expected - self._pictures} of {self._expected} pictures cannot be decoded"
        # Where durations are wrong throughout, nothing follows from them.
        if 0 < self._gaps <= self._steps * WRONG_SHARE:
            return "is damaged: pictures are missing between others"
        return None

    def _expect(self, packet: Any) -> None:
        """Pictures that come before the first key picture refer to others that are not there; no player shows them."""
        if self._first_key is None and packet.is_keyframe and packet.pts is not None:
            self._first_key = packet.pts
        shown = self._first_key is None or packet.pts is None or packet.pts >= self._first_key
        self._expected += shown and not packet.is_discard

    def _note_gap(self, packet: Any) -> None:
        if self._format.startswith(GAPLESS) and packet.dts is not None:
            self._steps += self._next_dts is not None
            self._gaps += self._next_dts is not None and packet.dts > self._next_dts + 1
            self._next_dts = packet.dts + packet.duration if packet.duration else None

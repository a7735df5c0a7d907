"""The end of the line: every sink, and the slate that takes the picture's place when there is none."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from appliance.core.frames import Frame
from appliance.core.slate import slate
from appliance.core.sound import SoundPacket
from appliance.core.veiling import Mask, MaskedFrame, veil
from appliance.live.timeline import Timeline
from appliance.sinks import Listener, Sink

TITLE = "MOFY"


@dataclass(frozen=True, slots=True)
class Showing:
    """The last picture that left."""

    captured_at: float
    """Seconds of time.monotonic(), as the source said."""
    shift: float
    """Seconds from then to when outputs show it."""


class Outlet:
    """Pictures come from the line's thread, slates from the engine's, sound from its own; sinks see one at a time.

    All of it gets its place on one clock here: `captured_at` of what sinks are given is when it is to be seen.
    """

    def __init__(
        self, sinks: Sequence[Sink], mask: Mask, size: tuple[int, int], now: Callable[[], float] = time.monotonic
    ) -> None:
        """size: (width, height) of slates until the first picture."""
        self._sinks = tuple(sinks)
        self._mask = mask
        self.size = size
        """(width, height) of what leaves."""
        self._now = now
        self._lock = threading.Lock()
        self._shut = False
        self.hidden = False
        """True while nothing but slates may leave."""
        self.showing: Showing | None = None
        """The picture that is to be seen; None while there is none: before the first, behind a slate, after the end."""
        self._shown_at = float("-inf")
        self._timeline = Timeline()
        self._drawn: tuple[tuple[int, int], str, Frame] | None = None

    @property
    def silent_s(self) -> float:
        """Seconds since the last picture; infinite before the first."""
        return self._now() - self._shown_at

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with single sinks, in words."""
        return tuple(sink.fault for sink in self._sinks if sink.fault)

    def show(self, frame: MaskedFrame) -> None:
        """Write a picture, unless the outlet is hidden or was shut; raises SinkError."""
        with self._lock:
            if self._shut or self.hidden:
                return
            self.size = (frame.width, frame.height)
            at = self._write(frame)
            self.showing = Showing(frame.captured_at, at - frame.captured_at)
            self._shown_at = self._now()

    def slate(self, reason: str) -> None:
        """Write a slate with this reason; raises SinkError."""
        with self._lock:
            # Drawn once, written many times: sinks only read, and no cover touches its planes.
            if self._drawn is None or self._drawn[:2] != (self.size, reason):
                self._drawn = (self.size, reason, slate(*self.size, TITLE, reason))
            picture = veil(replace(self._drawn[2], captured_at=self._now()), (), self._mask)
            self.showing = None
            self._write(picture)

    def sound(self, packet: SoundPacket) -> None:
        """Give a piece of sound to the sinks that have any; raises SinkError."""
        with self._lock:
            for sink in self._sinks:
                if isinstance(sink, Listener):
                    sink.hear(packet)

    def hide(self, hidden: bool) -> None:
        """Let nothing but slates leave, or pictures again; when this returns, no picture is on its way."""
        with self._lock:
            self.hidden = hidden
            self.showing = None if hidden else self.showing

    def shut(self) -> None:
        """From now on only slates."""
        with self._lock:
            self._shut = True
            self.showing = None

    def _write(self, frame: MaskedFrame) -> float:
        """The moment at which it is to be seen."""
        at = self._timeline.place(frame.captured_at, self._now())
        placed = replace(frame, captured_at=at)
        for sink in self._sinks:
            sink.write(placed)
        return at

    def close(self) -> None:
        """Close every sink, last one first, whatever the others do."""
        for sink in reversed(self._sinks):
            sink.close()

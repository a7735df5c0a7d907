"""The end of the line: every sink, and the slate that takes the picture's place when there is none."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from appliance.core.frames import Frame
from appliance.core.slate import slate
from appliance.core.veiling import Mask, MaskedFrame, veil
from appliance.sinks import Sink

TITLE = "MOFY"


class Outlet:
    """Pictures come from the line's thread, slates from the engine's; sinks see one at a time."""

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
        self._shown_at = float("-inf")
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
            for sink in self._sinks:
                sink.write(frame)
            self._shown_at = self._now()

    def slate(self, reason: str) -> None:
        """Write a slate with this reason; raises SinkError."""
        with self._lock:
            # Drawn once, written many times: sinks only read, and no cover touches its planes.
            if self._drawn is None or self._drawn[:2] != (self.size, reason):
                self._drawn = (self.size, reason, slate(*self.size, TITLE, reason))
            picture = veil(replace(self._drawn[2], captured_at=self._now()), (), self._mask)
            for sink in self._sinks:
                sink.write(picture)

    def hide(self, hidden: bool) -> None:
        """Let nothing but slates leave, or pictures again; when this returns, no picture is on its way."""
        with self._lock:
            self.hidden = hidden

    def shut(self) -> None:
        """From now on only slates."""
        with self._lock:
            self._shut = True

    def close(self) -> None:
        """Close every sink, last one first, whatever the others do."""
        for sink in reversed(self._sinks):
            sink.close()

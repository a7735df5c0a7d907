"""Is the machine fast enough for its camera? Told by how much of the time the line works, and by what it missed."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

import numpy as np

GAPS = 120
"""Frames whose distance in time tells the camera's own."""

USUAL_SHARE = 0.2
"""Of the gaps so many are shorter than the camera's interval by chance, or near it."""

MISSED = 1.6
"""A gap this many intervals long has frames missing in it."""

SPAN_S = 3.0
"""How busy the line is, is told over so long."""

TOO_BUSY = 0.95
"""Share of the time from which the line cannot follow."""


class Pace:
    """Written by the line's thread, read by any."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._gaps: deque[float] = deque(maxlen=GAPS)
        self._captured_at: float | None = None
        self._work: deque[tuple[float, float]] = deque(maxlen=1024)
        self.dropped = 0
        """Frames that the camera made and nobody read, by their times; since the start."""

    def taken(self, captured_at: float) -> None:
        """A frame of this time was read."""
        gap = None if self._captured_at is None else captured_at - self._captured_at
        self._captured_at = captured_at
        if gap is None or gap <= 0:
            return
        if self._interval_s and MISSED * self._interval_s < gap < SPAN_S:
            self.dropped += round(gap / self._interval_s) - 1
        self._gaps.append(gap)

    def lost(self) -> None:
        """The camera is away: what it does not make is not missed."""
        self._captured_at = None

    def worked(self, seconds: float) -> None:
        """So long was just worked on a frame."""
        self._work.append((self._clock(), seconds))

    @property
    def busy(self) -> float:
        """Share of the last moments in which the line worked, 0..1."""
        now = self._clock()
        recent = [(at, seconds) for at, seconds in tuple(self._work) if at > now - SPAN_S]
        if len(recent) < 2:
            return 0.0
        # The first one's work was done before the span that is looked at.
        return min(sum(seconds for _, seconds in recent[1:]) / max(now - recent[0][0], 1e-6), 1.0)

    @property
    def fault(self) -> str | None:
        """That the machine is too slow, in words."""
        if self.busy < TOO_BUSY:
            return None
        return "the machine is too slow for this picture: frames are left out; a smaller size or window helps"

    @property
    def _interval_s(self) -> float:
        gaps = tuple(self._gaps)
        return float(np.quantile(gaps, USUAL_SHARE)) if len(gaps) >= GAPS // 4 else 0.0

"""When a frame is to be seen: as evenly as it was captured, never before the one before it, never in the future."""

from __future__ import annotations

LATEST_S = 0.15
"""A frame whose place lies further back than this stands for a new beginning: the timeline jumps to now."""

STEP_S = 0.001
"""The least time between two frames."""


class Timeline:
    """Turns capture times, which lag by the window and jump when a slate steps in, into seconds that only rise."""

    def __init__(self) -> None:
        self._offset: float | None = None
        self._last = float("-inf")

    def place(self, captured_at: float, now: float) -> float:
        """Seconds on the clock of `now` at which a frame captured then is to be seen; to be asked once a frame."""
        offset = self._offset
        at = now if offset is None else captured_at + offset
        if offset is None or not max(self._last, now - LATEST_S) < at <= now:
            at = now
            self._offset = now - captured_at
        self._last = max(at, self._last + STEP_S)
        return self._last

"""A source that draws its pictures itself, and gives the one of this very moment, as a camera would."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from appliance.core.frames import Frame


class Drawn:
    """A Capture without a device and without an end."""

    def __init__(self, draw: Callable[[int], Frame], fps: float, began_at: float | None = None) -> None:
        """draw: the picture of an index, in memory of its own; began_at: time.monotonic() of index 0, None: now."""
        self._draw, self._fps = draw, fps
        self._began_at = time.monotonic() if began_at is None else began_at
        self._next = 0

    def read(self, timeout_s: float) -> Frame | None:
        """The newest frame, waiting until it is due; frames nobody read in time are skipped."""
        due = max(self._next, int((time.monotonic() - self._began_at) * self._fps))
        due_at = self._began_at + due / self._fps
        wait_s = due_at - time.monotonic()
        if wait_s > timeout_s:
            time.sleep(timeout_s)
            return None
        if wait_s > 0:
            time.sleep(wait_s)
        self._next = due + 1
        return replace(self._draw(due), captured_at=due_at)

    def close(self) -> None:
        """Nothing to let go of."""

"""The time of day, which never goes back: a clock that is set back must not bring anybody back who has expired."""

from __future__ import annotations

import time
from collections.abc import Callable

TOLD_S = 60.0
"""Set back by less than this is told to nobody: clocks are set by seconds all the time."""


class Clock:
    """Called for epoch seconds: those of the machine, but at least as many as passed since any earlier answer."""

    def __init__(self, wall: Callable[[], float] = time.time, elapsed: Callable[[], float] = time.monotonic) -> None:
        """wall: epoch seconds as the machine says; elapsed: seconds that nobody can set."""
        self._wall = wall
        self._elapsed = elapsed
        self._ahead = float("-inf")

    def __call__(self) -> float:
        """Epoch seconds."""
        elapsed = self._elapsed()
        self._ahead = max(self._ahead, self._wall() - elapsed)
        return self._ahead + elapsed

    @property
    def fault(self) -> str | None:
        """That the machine's clock was set back, in words."""
        behind = self() - self._wall()
        if behind < TOLD_S:
            return None
        return f"the clock was set back by {behind / 60:.0f} min: who expired meanwhile stays covered until a restart"

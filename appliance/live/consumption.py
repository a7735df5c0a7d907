"""What the process takes of the machine."""

from __future__ import annotations

import os
import time

LEAST_S = 0.3
"""Over less than this nothing can be said of how busy a process is."""


class Consumption:
    """Asked about twice a second, by one thread."""

    def __init__(self) -> None:
        self._at, self._spent_s = time.monotonic(), _spent_s()
        self._cpu_percent = 0.0

    @property
    def cpu_percent(self) -> float:
        """Processor time since the last time it was asked, in percent of one processor: 150 is one and a half."""
        now, spent_s = time.monotonic(), _spent_s()
        if now - self._at >= LEAST_S:
            self._cpu_percent = 100 * (spent_s - self._spent_s) / (now - self._at)
            self._at, self._spent_s = now, spent_s
        return round(self._cpu_percent, 1)

    @property
    def memory_mb(self) -> float:
        """Memory in use that is this process's own or shared (resident set), in millions of bytes."""
        import psutil

        return round(float(psutil.Process().memory_info().rss) / 1e6, 1)


def _spent_s() -> float:
    """Processor seconds of all threads so far."""
    times = os.times()
    return times.user + times.system

"""Waiting for what happens, not for time to pass: on a busy machine it comes late, and that is no fault."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

PATIENCE_S = 60.0
"""Longest wait for what comes within a second on a machine that does nothing else."""


def awaited(what: Callable[[], Any], timeout_s: float = PATIENCE_S) -> Any:
    """The first true answer."""
    end_at = time.monotonic() + timeout_s
    while time.monotonic() < end_at:
        if answer := what():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"did not come within {timeout_s} s")


def slowness() -> float:
    """How many times slower than alone something may be on this machine now, for bounds that are of a box's own."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))

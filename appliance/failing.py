"""An engine that cannot begin, however often it is tried: then a slate, for a box that is silent helps nobody."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path

from appliance import opening, status
from appliance.errors import MofyError
from appliance.options import Config

MARK = "failed-start"
"""In the runtime folder: when the start failed last."""

AGAIN_S = 60.0
"""A second failure within so long is not by chance."""

SLATE_S = 20.0
"""So long the slate stands before it is tried anew."""


def slate(why: str, options: Config, source: str, data: Path, stop: threading.Event) -> None:
    """Nothing after a first failure, for the next try may do; after another one the slate, and in the report why."""
    mark = status.runtime_folder(data) / MARK
    again = _age_s(mark) < AGAIN_S
    with suppress(OSError):
        mark.touch()
    if not again:
        return
    end_at = time.monotonic() + SLATE_S
    with suppress(MofyError, OSError):
        opening.slate("failed", options, source, data, lambda: time.monotonic() > end_at or stop.wait(0.2), why=(why,))
    with suppress(OSError):
        mark.touch()


def _age_s(mark: Path) -> float:
    try:
        return abs(time.time() - mark.stat().st_mtime)
    except OSError:
        return float("inf")

"""What the engine reports, and whether that can still be believed: what is old must not look live."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from appliance import status
from appliance.errors import InputError
from appliance.status import Status

PREVIEW = "preview.jpg"
"""As sinks.preview names it."""


@dataclass(frozen=True, slots=True)
class Report:
    """The newest word from the engine."""

    status: Status | None
    """None when no engine has reported, or none that this version understands."""
    age_s: float = 0.0
    stale: bool = False
    """True when the engine hangs or is gone."""

    @property
    def live(self) -> Status | None:
        """The status, if it tells of this moment."""
        return None if self.stale else self.status


def report(runtime: Path, now: float) -> Report:
    """The report in the runtime folder, looked at at epoch second `now`."""
    try:
        found = status.read(runtime)
    except InputError:
        return Report(None)
    return Report(found, max(now - found.at, 0.0), status.is_stale(found, now))


def preview(runtime: Path, now: float) -> bytes | None:
    """The newest masked preview as JPEG; None when there is none or the engine has stopped renewing it."""
    path = runtime / PREVIEW
    try:
        fresh = abs(now - path.stat().st_mtime) <= status.STALE_S
        return path.read_bytes() if fresh else None
    except OSError:
        return None

"""How the agent fares, as a small file in the runtime folder: for whoever reads no logs."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from appliance import whole_files
from appliance.errors import InputError

NAME = "mqtt.json"
EVERY_S = 2.0
STALE_S = 10.0


@dataclass(frozen=True, slots=True)
class Report:
    """The agent at one moment."""

    at: float
    """Epoch seconds."""
    box: str
    broker: str
    connected: bool
    fault: str | None
    """Why there is no connection, in words."""
    refused: int
    """Orders that were not taken since the start: too large, or too many at once."""


class Reporter:
    """Writes it when it changes, and now and then."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._written: Report | None = None

    def write(self, report: Report) -> None:
        """Replace the file if there is anything new; a full disk hinders nothing else."""
        last = self._written
        if last and report.at - last.at < EVERY_S and asdict(last) | {"at": 0} == asdict(report) | {"at": 0}:
            return
        self._written = report
        with suppress(OSError):
            whole_files.replace(self._path, json.dumps(asdict(report)) + "\n")

    def end(self) -> None:
        """Nobody speaks with a broker any more."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def read(folder: Path) -> Report:
    """The newest report; raises InputError when there is none of late."""
    path = folder / NAME
    try:
        found = Report(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        found = None
    except (OSError, ValueError, TypeError):
        raise InputError(f"{path}: cannot be read") from None
    if found is None or abs(time.time() - found.at) > STALE_S:
        raise InputError("no agent speaks with a broker here: name one with --mqtt, or as `broker` in [mqtt]")
    return found

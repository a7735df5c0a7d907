"""What may be wrong with a box, one check a file: each has `check(site)` and gives findings of one line.

Checks look and change nothing. They work beside a running engine: what it has opened, its report tells of.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from appliance import parts, status
from appliance.errors import MofyError
from appliance.options import Config
from appliance.status import Status

Level = Literal["ok", "warning", "wrong"]

ORDER = (
    "packages", "models", "camera", "encoder", "display", "store", "secrets", "disk", "memory", "heat", "clock",
    "network", "page", "broker",
)  # fmt: skip
"""In which they are told."""

LONGEST_S = 30.0
"""A check that takes longer hangs on what it checks."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    level: Level
    says: str
    """One line: the thing and how it is."""
    do: str = ""
    """What to do about it; empty where nothing is to be done."""
    check: str = ""
    """Whose it is; set by `examine`."""


@dataclass(frozen=True, slots=True)
class Site:
    """What is examined."""

    data: Path
    """Folder of people and key."""
    config: Config
    source: str
    """The camera that the engine is, or would be, started with."""
    root: Path = Path("/")
    """Where the kernel's own files are found; for tests."""

    @property
    def runtime(self) -> Path:
        """The folder of what is true only while the engine runs; it may not exist."""
        return status.runtime_place(self.data)

    @property
    def engine(self) -> Status | None:
        """What a running engine reports; None where none runs."""
        try:
            report = status.read(self.runtime)
        except MofyError:
            return None
        return None if status.is_stale(report, time.time()) else report


def ok(says: str) -> Finding:
    """All is well."""
    return Finding("ok", says)


def warning(says: str, do: str) -> Finding:
    """It works, but not as well as it should, or not for long."""
    return Finding("warning", says, do)


def wrong(says: str, do: str) -> Finding:
    """It does not work."""
    return Finding("wrong", says, do)


def examine(site: Site, names: Sequence[str] = ORDER, longest_s: float = LONGEST_S) -> Iterator[Finding]:
    """Every finding as it is made; never raises."""
    for name in names:
        for found in _findings(name, site, longest_s):
            yield Finding(found.level, _line(found.says), _line(found.do), name)


def _findings(name: str, site: Site, longest_s: float) -> list[Finding]:
    answers: list[Finding] = []

    def work() -> None:
        try:
            answers.extend(parts.part("doctor", name).check(site))
        except MofyError as error:
            answers.append(wrong(str(error), ""))
        except Exception as error:  # a check that falls over has found something, too
            answers.append(wrong(f"cannot be checked ({type(error).__name__}: {error})", "tell the makers of MOFY"))

    # A thread of its own: a device that hangs must not keep the others from being told.
    thread = threading.Thread(target=work, name=f"doctor-{name}", daemon=True)
    thread.start()
    thread.join(longest_s)
    if thread.is_alive():
        return [wrong(f"gives no answer within {longest_s:.0f} s", "unplug and plug what hangs, or restart the box")]
    return answers


def _line(text: str) -> str:
    return " ".join(text.split())

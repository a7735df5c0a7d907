"""The folder of one job, and what lies where in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import InputError, StoreError, system_reason
from appliance.files.media_kind import MEDIA_SUFFIXES
from appliance.jobs.records import Record

UPLOAD, RESULT = "in", "out"
"""Folders of a job: what was sent, and what came of it."""

BEFORE, AFTER = "before.locked", "after.jpg"
"""Small pictures of one moment, to compare."""

PROGRESS = "progress"
LOCK = "lock"

ID = re.compile(r"^[0-9a-f]{16}$")


@dataclass(frozen=True, slots=True)
class Job:
    """A record with what changes all the time."""

    record: Record
    received: int
    """Bytes that have come."""
    done: int = 0
    """Frames that are through, of `expected`; None where that is not known."""
    expected: int | None = None
    before: bool = False
    after: bool = False
    """Whether there are pictures to compare."""


def upload(place: Path, record: Record) -> Path:
    """What was sent, under a name that is ours but for a known suffix."""
    suffix = Path(record.name).suffix.lower()
    return place / UPLOAD / f"upload{suffix if suffix in MEDIA_SUFFIXES else ''}"


def seen(record: Record, place: Path) -> Job:
    """The job as it is now."""
    done, expected = _progress(place) if record.state == "working" else (record.frames, None)
    try:
        received = upload(place, record).stat().st_size if record.state == "uploading" else record.size
    except OSError:
        received = 0
    return Job(record, received, done, expected, (place / BEFORE).exists(), (place / AFTER).exists())


def touched(path: Path) -> float:
    """Epoch seconds of its last change; 0 when it is not there."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


@contextmanager
def faults(folder: Path) -> Iterator[None]:
    """What the file system says, as an InputError or StoreError of one line."""
    try:
        yield
    except FileNotFoundError:
        raise InputError("there is no such job any more") from None
    except OSError as error:
        raise StoreError(f"{folder}: {system_reason(error)}") from None


def _progress(place: Path) -> tuple[int, int | None]:
    try:
        data = json.loads((place / PROGRESS).read_text(encoding="utf-8"))
        return int(data["done"]), data["expected"]
    except (OSError, ValueError, KeyError, TypeError):
        return 0, None

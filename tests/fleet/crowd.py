"""Many boxes on one broker: how long until whoever is enrolled on one is known on all."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from appliance.store import DATABASE
from tests.fleet.boxes import Box, template


def known_on(boxes: list[Box], person: str) -> int:
    """How many boxes have this person's row, read past the stores so that asking costs next to nothing."""
    return sum(_has(box.folder / DATABASE, person) for box in boxes)


def spread_s(boxes: list[Box], name: str, photos: int, timeout_s: float = 60.0) -> float:
    """Seconds from the moment the enrolment on the first box is durable until the last box has it durable."""
    person = boxes[0].store.enrol(name, [template(name, seed) for seed in range(photos)], "test").id
    return _until(boxes, person, len(boxes), timeout_s)


def gone_s(boxes: list[Box], name: str, timeout_s: float = 60.0) -> float:
    """The same for a deletion on the last box."""
    person = boxes[-1].store.known(name).id
    boxes[-1].store.remove(name, "test")
    return _until(boxes, person, 0, timeout_s)


def _until(boxes: list[Box], person: str, count: int, timeout_s: float) -> float:
    began = time.monotonic()
    waiting = list(boxes)
    while waiting:
        assert time.monotonic() - began < timeout_s, f"{len(waiting)} boxes have not heard"
        waiting = [box for box in waiting if _has(box.folder / DATABASE, person) != bool(count)]
        time.sleep(0.02)
    return time.monotonic() - began


def _has(path: Path, person: str) -> bool:
    with closing(sqlite3.connect(path, timeout=5)) as db:
        return db.execute("SELECT 1 FROM people WHERE id = ?", [person]).fetchone() is not None

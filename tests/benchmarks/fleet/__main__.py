"""How long until a person enrolled on one box is known on all, and gone from all: boxes as threads of one process.

python -m tests.benchmarks.fleet [--boxes 100] [--rounds 10] [--photos 5]
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.fleet.boxes import Box, eventually, fleet_of
from tests.fleet.crowd import gone_s, spread_s
from tests.mosquitto import Mosquitto

CALM_S = 5.0
"""After the last box has come, before anything is measured."""


def main() -> None:
    """Measure, and print a row for each thing measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.fleet")
    parser.add_argument("--boxes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--photos", type=int, default=5)
    given = parser.parse_args()
    print(f"{given.boxes} boxes, {given.photos} photos a person, {os.cpu_count()} processors")
    print(f"load at the start {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder, Mosquitto(Path(folder) / "broker") as broker:
        names = [f"box{number:03}" for number in range(given.boxes)]
        with fleet_of(Path(folder), broker.port, names) as boxes:
            measure(boxes, given.rounds, given.photos)
    print(f"load at the end {os.getloadavg()[0]:.1f}")


def measure(boxes: Sequence[Box], rounds: int, photos: int) -> None:
    """One person after the other, enrolled on the first box and deleted on the last."""
    eventually(lambda: all(len(box.store.membership().members()) == len(boxes) for box in boxes), 120)
    time.sleep(CALM_S)
    known, gone = [], []
    for number in range(rounds):
        known.append(spread_s(list(boxes), f"person {number}", photos))
        gone.append(gone_s(list(boxes), f"person {number}"))
    row("known on all", known)
    row("gone from all", gone)


def row(what: str, seconds: Sequence[float]) -> None:
    """Median, and the slowest."""
    print(f"{what:<14} median {statistics.median(seconds):.2f} s, slowest {max(seconds):.2f} s, of {len(seconds)}")


if __name__ == "__main__":
    main()

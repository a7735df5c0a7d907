"""`python -m tests.e2e.plugged ROOT`: enrols, and moves from release to release, until the power goes.

Each line that it prints is a promise: what it tells is done.
"""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

import numpy as np

from appliance.box import releases, system_files
from appliance.box.outcome import note
from appliance.box.places import Places
from appliance.box.releases import Release
from appliance.store import Store
from appliance.store.people import Template

MODEL = "plugged"


def template(seed: int) -> Template:
    """A face that nobody has."""
    noise = np.random.default_rng(seed)
    embedding = noise.normal(size=512).astype(np.float32)
    crop = noise.integers(0, 255, (112, 112, 3)).astype(np.uint8)
    return Template(MODEL, embedding / np.float32(np.linalg.norm(embedding)), crop, 0.8, 0.1)


def release(places: Places, number: int) -> Release:
    """As install.sh makes one: the mark of a whole one comes last."""
    folder = places.releases / f"1.{number}-aa"
    folder.mkdir(parents=True)
    for name in ("program", releases.WHOLE):
        system_files.write(folder / name, b"x" * 4096)
    for place in (folder, folder.parent):
        handle = os.open(place, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
    return Release(folder)


def tell(promise: str) -> None:
    """Say it, and let it be heard at once."""
    sys.stdout.write(f"{promise}\n")
    sys.stdout.flush()


def main() -> None:
    """Until killed."""
    root = Path(sys.argv[1])
    places = Places(root)
    store = Store.open(root / "data", create=True)
    for number in itertools.count():
        store.enrol(f"person{number}", [template(2 * number), template(2 * number + 1)], "test")
        tell(f"enrolled person{number}")
        if number % 5 == 0:
            releases.switch(places, release(places, number))
            note(places, "current", f"1.{number}-aa", "")
            releases.prune(places)
            tell(f"switched 1.{number}-aa")


if __name__ == "__main__":
    main()

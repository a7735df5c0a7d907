"""The labelled pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance.core.frames import Frame, from_rgb
from appliance.core.geometry import Box
from appliance.files import pictures
from tests.benchmarks.detection.counting import Labelled


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A picture and who is in it."""

    frame: Frame
    labels: tuple[Labelled, ...]
    names: tuple[str, ...]
    """Of each label, where the set knows them."""


def wider(folder: Path) -> Iterator[Scene]:
    """WIDER FACE: faces marked invalid, and those without an area, are not asked for."""
    for name, rows in json.loads((folder / "gt.json").read_text(encoding="utf-8")).items():
        labels = []
        for row in rows:
            x, y, w, h = row["box"]
            labels.append(Labelled(Box(x, y, x + w, y + h), not row["invalid"] and w > 0 and h > 0))
        yield Scene(_frame(folder / name), tuple(labels), ("",) * len(labels))


def groups(folder: Path) -> Iterator[Scene]:
    """Group photos with names; boxes include the hair."""
    for name, row in json.loads((folder / "gt.json").read_text(encoding="utf-8")).items():
        faces = row["faces"]
        labels = tuple(Labelled(Box(*(float(value) for value in face["box"])), hair=True) for face in faces)
        yield Scene(_frame(folder / name), labels, tuple(face["name"] for face in faces))


def _frame(path: Path) -> Frame:
    return from_rgb(pictures.load(path).rgb)

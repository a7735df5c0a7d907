"""Found against what is there: recall by face width, and boxes that hold no face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from appliance.core.faces import Face
from appliance.core.geometry import Box
from tests.benchmarks.pairs import Difference, paired

SAME_IOU = 0.35
"""A found box is the face when the two share this much."""

HAIR_IOU, HAIR_SHARE = 0.15, 0.6
"""The same for labels that include the hair: most of the found box must lie in the label."""

WIDTH_PX = 640
"""Widths are told as they are in a picture this wide."""

WIDTHS = (8.0, 12.0, 20.0, 40.0)
NAMES = ("under 8", "8-12", "12-20", "20-40", "40 and more")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A face that is there. Counts False: too poor to be asked for; found or not, it is no fault."""

    box: Box
    counts: bool = True
    hair: bool = False
    """The box reaches around the hair: a face fills about half of it."""


@dataclass(slots=True)
class Tally:
    """Counts over pictures."""

    pictures: int = 0
    there: list[int] = field(default_factory=lambda: [0] * len(NAMES))
    found: list[int] = field(default_factory=lambda: [0] * len(NAMES))
    false_boxes: int = 0
    false_area: float = 0.0
    """Sum over pictures of the share of the picture that false boxes cover, each box counted."""
    each: list[tuple[int, int, bool]] = field(default_factory=list)
    """(picture, which of NAMES, found) of every face that counts, in order."""

    def add(self, faces: Sequence[Face], labels: Sequence[Labelled], width: int, height: int) -> None:
        """One picture of so many pixels."""
        matched, false = match(faces, labels)
        self.pictures += 1
        for row, label in enumerate(labels):
            if label.counts:
                at = size_class(label.box.width * WIDTH_PX / width)
                self.there[at] += 1
                self.found[at] += row in matched
                self.each.append((self.pictures, at, row in matched))
        self.false_boxes += len(false)
        self.false_area += sum(face.box.area for face in false) / (width * height)

    def recall(self, at: int) -> float | None:
        """Of one class of widths; None when it is empty."""
        return self.found[at] / self.there[at] if self.there[at] else None

    def beside(self, other: Tally, at: int | None = None) -> Difference:
        """How many more of the faces (of one class of widths, or of 8 px and more) this found than the other did."""
        groups: dict[object, list[tuple[bool, bool]]] = {}
        for (picture, width, mine), (_, _, theirs) in zip(self.each, other.each):
            if width == at or (at is None and width > 0):
                groups.setdefault(picture, []).append((theirs, mine))
        return paired(groups)


def size_class(width_px: float) -> int:
    """Which of NAMES a width belongs to."""
    return sum(width_px >= bound for bound in WIDTHS)


def match(faces: Sequence[Face], labels: Sequence[Labelled]) -> tuple[set[int], list[Face]]:
    """(rows of labels that some box is the face of, boxes that are no label's face)."""
    same = [[_same(face.box, label) for label in labels] for face in faces]
    found = {row for row in range(len(labels)) if any(of_face[row] for of_face in same)}
    return found, [face for face, of_face in zip(faces, same) if not any(of_face)]


def _same(box: Box, label: Labelled) -> bool:
    if label.hair:
        return box.iou(label.box) >= HAIR_IOU and box.overlap(label.box) >= HAIR_SHARE * box.area
    return box.iou(label.box) >= SAME_IOU

"""One face of a clip, and which way it looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from appliance.core.faces import Embedding, Landmarks
from appliance.core.frames import RgbImage
from appliance.core.quality import Quality
from appliance.portraits import SIDE_TURN

View = Literal["frontal", "left", "right"]
"""Where the nose points in the picture."""

VIEWS: tuple[View, ...] = ("frontal", "left", "right")

SAME_FACE = 0.35
"""Similarity of looks within one clip from which they are one person's: the highest of strangers on LFW."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One face of the clip, fit to enrol."""

    number: int
    """Of the frame, among those looked at."""
    crop: RgbImage
    """(112, 112, 3), upright."""
    quality: Quality
    view: View

    @property
    def clarity(self) -> float:
        """Quality without regard to the turn of the head: a side view is wanted, a blurred one is not."""
        return self.quality.score / max(1.0 - self.quality.turn**2, 0.1)


@dataclass(frozen=True, slots=True, eq=False)
class Picked:
    """A look with its embedding."""

    look: Look
    embedding: Embedding


def view(landmarks: Landmarks, turn: float) -> View:
    """Which way a face with these landmarks, so far turned, looks in the picture."""
    if turn < SIDE_TURN:
        return "frontal"
    across = landmarks[1] - landmarks[0]
    middle = (landmarks[:2].mean(axis=0) + landmarks[3:].mean(axis=0)) / 2
    return "right" if float((landmarks[2] - middle) @ across) > 0 else "left"

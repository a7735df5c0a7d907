"""What detectors and embedders say about a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from appliance.core.geometry import Box, boxes_of, corners_of

Landmarks = NDArray[np.float32]
"""(5, 2) pixels: right eye, left eye, nose, right and left mouth corner, as seen in the picture from left to right."""

Embedding = NDArray[np.float32]
"""(d,) of unit length; only embeddings of the same model may be compared."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One detection: box and landmarks in pixels of the frame, score 0..1."""

    box: Box
    landmarks: Landmarks | None
    score: float
    shrunken: Box | None = None
    """Where the whole picture, shrunken, shows it: this very box if only that does; None if that was not looked at, or
    does not show it."""

    def placed(self, scale_x: float, scale_y: float, dx: float, dy: float) -> Face:
        """The same face after scaling and then shifting the picture it was found in."""
        landmarks = self.landmarks
        if landmarks is not None:
            landmarks = landmarks * np.array([scale_x, scale_y], np.float32) + np.array([dx, dy], np.float32)
        return Face(self.box.scaled(scale_x, scale_y).moved(dx, dy), landmarks, self.score)


def all_placed(faces: Sequence[Face], scale_x: float, scale_y: float, dx: float, dy: float) -> list[Face]:
    """As Face.placed, many at once."""
    marks = [face.landmarks for face in faces if face.landmarks is not None]
    if len(marks) < len(faces) or not faces:
        return [face.placed(scale_x, scale_y, dx, dy) for face in faces]
    moved = np.array(marks) * np.array([scale_x, scale_y], np.float32) + np.array([dx, dy], np.float32)
    corners = corners_of([face.box for face in faces]) * (scale_x, scale_y, scale_x, scale_y) + (dx, dy, dx, dy)
    return [Face(box, mark, face.score) for face, box, mark in zip(faces, boxes_of(corners), moved)]

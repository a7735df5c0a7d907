"""Quarter turns: who lies on the side, or a picture that does, is upright for the detector once it is turned."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.core.faces import Face
from appliance.core.frames import RgbImage, uint8
from appliance.core.geometry import Box, Rect

UPRIGHT = 0
TURNS = (1, 2, 3)
"""Counterclockwise quarter turns after which a picture is no longer upright."""

_ROTATION = {1: cv2.ROTATE_90_COUNTERCLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_CLOCKWISE}


def sized(size: tuple[int, int], turns: int) -> tuple[int, int]:
    """(width, height) of a picture of this size once it is turned."""
    return size if turns % 2 == 0 else (size[1], size[0])


def swapped(rect: Rect) -> Rect:
    """The rectangle with columns and rows exchanged."""
    return Rect(rect.y0, rect.x0, rect.y1, rect.x1)


def turned(rgb: RgbImage, turns: int) -> RgbImage:
    """The picture after so many counterclockwise quarter turns; the very picture after none."""
    return uint8(cv2.rotate(rgb, _ROTATION[turns % 4])) if turns % 4 else rgb


def turned_back(faces: Sequence[Face], turns: int, size: tuple[int, int]) -> list[Face]:
    """Faces of a turned picture, in pixels of the picture of (width, height) that was turned."""
    return [_back(face, turns % 4, *size) for face in faces] if turns % 4 else list(faces)


def _back(face: Face, turns: int, width: int, height: int) -> Face:
    box = face.box
    ends = _points_back(np.array([[box.x0, box.y0], [box.x1, box.y1]], np.float64), turns, width, height)
    (x0, y0), (x1, y1) = ends.min(axis=0).tolist(), ends.max(axis=0).tolist()
    marks = None if face.landmarks is None else _points_back(face.landmarks, turns, width, height).astype(np.float32)
    return Face(Box(x0, y0, x1, y1), marks, face.score)


def _points_back(points: NDArray[np.floating], turns: int, width: int, height: int) -> NDArray[np.floating]:
    x, y = points[:, 0], points[:, 1]
    columns = {1: (width - y, x), 2: (width - x, height - y), 3: (y, height - x)}[turns]
    return np.stack(columns, axis=1)

"""One look of the detector at a part of a frame: shrunk, brightened if dark, turned; and whether its answer is sane."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.core.faces import Face, all_placed
from appliance.core.frames import Frame, RgbImage, region_rgb, uint8
from appliance.core.geometry import Rect, corners_of
from appliance.core.turns import UPRIGHT, sized, turned, turned_back
from appliance.errors import ModelError
from appliance.faces import Detector

DARK = 60.0
"""Mean of red, green and blue below which a picture is brightened before it is searched."""

LIGHT_STEP = 16
"""Every so many pixels are enough to tell a dark picture from a light one."""

_BRIGHTER = (255 * (np.arange(256) / 255) ** 0.6).round().astype(np.uint8)

FARTHEST = 4
"""Picture sizes beyond which nothing that is found can lie: faces cut by the picture's edge reach over it a little."""


def look(detector: Detector, frame: Frame, region: Rect, turns: int = UPRIGHT) -> list[Face]:
    """Faces of a region, shrunk to the detector's input and turned by so many quarters, in the frame's own pixels."""
    width, height = region.x1 - region.x0, region.y1 - region.y0
    canvas = sized(detector.input_size, turns)
    scale = min(canvas[0] / width, canvas[1] / height)
    size = (even(width * scale, canvas[0]), even(height * scale, canvas[1]))
    back_x, back_y = width / size[0], height / size[1]
    picture = turned(lit(region_rgb(frame, region, size, canvas), size), turns)
    faces = turned_back(sane(detector.detect(picture), detector.input_size), turns, canvas)
    return all_placed(faces, back_x, back_y, region.x0, region.y0)


def sane(faces: list[Face], canvas: tuple[int, int]) -> list[Face]:
    """The faces as they are; raises ModelError for what cannot be one: whoever is there would stay bare."""
    if not faces:
        return faces
    most = FARTHEST * max(canvas)
    corners = corners_of([face.box for face in faces])
    points: list[NDArray[np.floating]] = [corners, *[face.landmarks for face in faces if face.landmarks is not None]]
    # Asked this way round, what is no number is nonsense too.
    inside = (np.abs(np.concatenate(points, axis=None)) <= most).all()
    spread = (corners[:, :2] < corners[:, 2:]).all()
    if not (inside and spread and all(0.0 <= face.score <= 1.0 for face in faces)):
        raise ModelError("the face detector answered nonsense: a box, point or score that no face has")
    return faces


def lit(rgb: RgbImage, size: tuple[int, int]) -> RgbImage:
    """The picture, brightened if what fills its upper left (w, h) is dark: a detector trained by day sees more then."""
    if rgb[: size[1] : LIGHT_STEP, : size[0] : LIGHT_STEP].mean() >= DARK:
        return rgb
    return uint8(cv2.LUT(rgb, _BRIGHTER))


def even(value: float, most: int) -> int:
    return min(max(round(value / 2) * 2, 2), most)

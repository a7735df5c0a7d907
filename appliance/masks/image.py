"""A picture in place of the face; where the picture is transparent, a flat grey: never the face."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.core.frames import Plane, from_rgb
from appliance.masks import MaskOptions

STRENGTH = "holds nothing of the face"

GROUND = (96, 96, 96)
"""RGB behind transparent pixels."""


class Image:
    """One picture, stretched over the region."""

    def __init__(self, rgba: NDArray[np.uint8]) -> None:
        """rgba: (h, w, 4)."""
        alpha = rgba[:, :, 3:].astype(np.float32) / 255
        flat = rgba[:, :, :3] * alpha + np.array(GROUND, np.float32) * (1 - alpha)
        frame = from_rgb(np.ascontiguousarray(flat.round().astype(np.uint8)), full_chroma=True)
        self._planes = (frame.y, frame.u, frame.v)

    def cover(self, y: Plane, u: Plane, v: Plane, token: int) -> None:
        """Overwrite the region with the picture."""
        for plane, picture in zip((y, u, v), self._planes):
            size = (plane.shape[1], plane.shape[0])
            shrinks = picture.shape[1] > size[0]
            plane[:] = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def smiley(side: int = 256) -> NDArray[np.uint8]:
    """(side, side, 4) RGBA: the picture used when none is given."""
    rgba = np.zeros((side, side, 4), np.uint8)
    yellow, dark = (250, 204, 70, 255), (70, 52, 20, 255)
    centre = (side // 2, side // 2)
    cv2.circle(rgba, centre, side // 2 - 2, yellow, -1, cv2.LINE_AA)
    for x in (0.34, 0.66):
        cv2.ellipse(rgba, (int(side * x), int(side * 0.4)), (side // 18, side // 11), 0, 0, 360, dark, -1, cv2.LINE_AA)
    cv2.ellipse(rgba, (side // 2, int(side * 0.52)), (side // 4, side // 4), 0, 20, 160, dark, side // 20, cv2.LINE_AA)
    return rgba


def build(options: MaskOptions) -> Image:
    """The chosen picture."""
    return Image(smiley() if options.picture is None else options.picture)

"""A blur that grows with the face: a coarse average, smoothly filled in. Weaker than the default."""

from __future__ import annotations

import cv2

from appliance.core.frames import Plane
from appliance.masks import MaskOptions, cells

STRENGTH = "weaker: keeps the face's coarse light and dark, which networks can partly recognise"


class Blur:
    """The region's own coarse average, interpolated."""

    def __init__(self, across: int) -> None:
        """across: points along each side that the blur is drawn through."""
        self._across = across

    def cover(self, y: Plane, u: Plane, v: Plane, token: int) -> None:
        """Overwrite each plane by a smooth surface through a few averages."""
        for plane in (y, u, v):
            height, width = plane.shape
            points = (max(min(self._across, width // 4), 1), max(min(self._across, height // 4), 1))
            small = cv2.resize(plane, points, interpolation=cv2.INTER_AREA)
            plane[:] = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def build(options: MaskOptions) -> Blur:
    """Six points across at strength 1, two at strength 5."""
    return Blur(cells(options.strength, 6, 2))

"""The classic mosaic: the picture itself in a few large cells. Weaker: networks recognise some of what is left."""

from __future__ import annotations

import cv2

from appliance.core.frames import Plane
from appliance.masks import MaskOptions, cells

STRENGTH = "weaker: keeps the face in a few coarse cells, which networks can partly recognise"


class Pixelate:
    """Cells of the region's own mean colours."""

    def __init__(self, across: int) -> None:
        """across: cells along the shorter side, at most 6."""
        self._across = across

    def cover(self, y: Plane, u: Plane, v: Plane, token: int) -> None:
        """Overwrite each plane by its own coarse average."""
        height, width = y.shape
        cell = max(min(width, height) / self._across, 1.0)
        # At least one cell fewer than pixels along a side would leave tiny faces as they are.
        across = (_few(width, width / cell), _few(height, height / cell))
        for plane in (y, u, v):
            small = cv2.resize(plane, across, interpolation=cv2.INTER_AREA)
            plane[:] = cv2.resize(small, (plane.shape[1], plane.shape[0]), interpolation=cv2.INTER_NEAREST)


def _few(pixels: int, wanted: float) -> int:
    return max(min(round(wanted), pixels // 4), 1)


def build(options: MaskOptions) -> Pixelate:
    """Six cells across at strength 1, two at strength 5."""
    return Pixelate(cells(options.strength, 6, 2))

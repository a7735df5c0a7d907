"""The default: coloured tiles drawn from the track's number. Of the face only its mean colour is left."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.core.frames import Plane
from appliance.masks import MaskOptions, cells

STRENGTH = "holds nothing of the face but one mean colour: networks do at chance"

LUMA_SWING, CHROMA_SWING = 26, 7
"""How far a tile's luma and chroma may differ from the mean colour."""


class Mosaic:
    """Tiles that stand still on a face and do not depend on it."""

    def __init__(self, across: int) -> None:
        """across: tiles along the shorter side."""
        self._across = across

    def cover(self, y: Plane, u: Plane, v: Plane, token: int) -> None:
        """Overwrite the region with tiles about its mean colour."""
        height, width = y.shape
        tile = max(min(width, height) / self._across, 1.0)
        shape = (max(round(height / tile), 1), max(round(width / tile), 1))
        pattern = _pattern(shape, token)
        for plane, swing in zip((y, u, v), pattern):
            mean = round(cv2.mean(plane)[0])
            tiles = np.clip(swing + mean, 16, 235).astype(np.uint8)
            plane[:] = cv2.resize(tiles, (plane.shape[1], plane.shape[0]), interpolation=cv2.INTER_NEAREST)


@lru_cache(maxsize=256)
def _pattern(shape: tuple[int, int], token: int) -> tuple[NDArray[np.int16], ...]:
    """Differences from the mean for y, u and v; each sums to (nearly) nothing, so that the mean stays."""
    dice = np.random.default_rng(token)
    swings = []
    for reach in (LUMA_SWING, CHROMA_SWING, CHROMA_SWING):
        swing = dice.integers(-reach, reach + 1, shape)
        swings.append((swing - round(float(swing.mean()))).astype(np.int16))
    return tuple(swings)


def build(options: MaskOptions) -> Mosaic:
    """Four to eight tiles across."""
    return Mosaic(cells(options.strength, 8, 4))

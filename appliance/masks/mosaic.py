"""The default: coloured tiles drawn from the track's number. Of the face only its mean colour is left."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from appliance.core.frames import Plane
from appliance.masks import MaskOptions, cells

STRENGTH = "holds nothing of the face but one mean colour: networks do at chance"

SWINGS = (26, 7, 7)
"""How far a tile may differ from the mean colour, in y, u and v."""

MEAN_STEP = 6
"""The mean colour is kept in steps of this: sensor noise does not make the tiles flicker."""


class Mosaic:
    """Tiles that stand still on a face and do not depend on it."""

    def __init__(self, across: int) -> None:
        """across: tiles along the shorter side."""
        self._across = across

    def cover(self, y: Plane, u: Plane, v: Plane, token: int) -> None:
        """Overwrite the region with tiles about its mean colour."""
        height, width = y.shape
        tile = max(min(width, height) / self._across, 1.0)
        rows, columns = max(round(height / tile), 1), max(round(width / tile), 1)
        for channel, plane in enumerate((y, u, v)):
            tiles = _tiles(rows, columns, token, channel, round(cv2.mean(plane)[0] / MEAN_STEP))
            plane[:] = cv2.resize(tiles, (plane.shape[1], plane.shape[0]), interpolation=cv2.INTER_NEAREST)


@lru_cache(maxsize=1024)
def _tiles(rows: int, columns: int, token: int, channel: int, mean_steps: int) -> Plane:
    """(rows, columns) values about the mean; drawn from the token, so that a face always wears the same ones."""
    reach = SWINGS[channel]
    swing = np.random.default_rng((token, channel)).integers(-reach, reach + 1, (rows, columns))
    centred = swing - round(float(swing.mean()))
    return np.clip(centred + mean_steps * MEAN_STEP, 16, 235).astype(np.uint8)


def build(options: MaskOptions) -> Mosaic:
    """Four to eight tiles across."""
    return Mosaic(cells(options.strength, 8, 4))

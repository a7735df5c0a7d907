"""The default: coloured tiles drawn from the track's number. Of the face only its mean colour is left."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.core.frames import Plane
from appliance.masks import MaskOptions, cells

STRENGTH = "holds nothing of the face but one mean colour, which tells about as much as the light around it does"

SWINGS = (26, 7, 7)
"""How far a tile may differ from the mean colour, in y, u and v."""

FIELD = 256
"""Side of the field of dice throws that every mosaic is a piece of."""

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
        for field, plane in zip(_FIELDS, (y, u, v)):
            mean = round(cv2.mean(plane)[0] / MEAN_STEP) * MEAN_STEP
            tiles = _piece(field, rows, columns, token) + mean
            tiles = np.minimum(np.maximum(tiles, 16), 235).astype(np.uint8)
            plane[:] = cv2.resize(tiles, (plane.shape[1], plane.shape[0]), interpolation=cv2.INTER_NEAREST)


_FIELDS = tuple(
    np.random.default_rng(channel).integers(-swing, swing + 1, (FIELD, FIELD)).astype(np.int16)
    for channel, swing in enumerate(SWINGS)
)


def _piece(field: NDArray[np.int16], rows: int, columns: int, token: int) -> NDArray[np.int16]:
    """(rows, columns) of the field at a place of the token's own, going round at the edges."""
    top, left = token * 97 % FIELD, token * 61 % FIELD
    if top + rows <= FIELD and left + columns <= FIELD:
        return field[top : top + rows, left : left + columns]
    down, right = np.arange(top, top + rows) % FIELD, np.arange(left, left + columns) % FIELD
    return np.asarray(field[np.ix_(down, right)])


def build(options: MaskOptions) -> Mosaic:
    """Four to eight tiles across."""
    return Mosaic(cells(options.strength, 8, 4))

"""The default: tiles drawn from the track's number, the same whatever they hide. Nothing of the face is left."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.core.frames import Plane
from appliance.masks import MaskOptions, cells

STRENGTH = "holds nothing of the face"

SWINGS = (26, 7, 7)
"""How far a tile may differ from the base colour, in y, u and v."""

FIELD = 256
"""Side of the field of dice throws that every mosaic is a piece of."""

BASE = (112, 124, 132)
"""The base colour in y, u and v: a warm grey. A face's own mean colour tells light and skin: a guess from it among 440
people was in the first tenth in 15 of 100 cases, not 10."""


class Mosaic:
    """Tiles that stand still on a face and do not depend on it."""

    def __init__(self, across: int) -> None:
        """across: tiles along the shorter side."""
        self._across = across

    def cover(self, y: Plane, u: Plane, v: Plane, token: int) -> None:
        """Overwrite the region with tiles about the base colour."""
        height, width = y.shape
        tile = max(min(width, height) / self._across, 1.0)
        rows, columns = max(round(height / tile), 1), max(round(width / tile), 1)
        for tiles, plane in zip(_piece(rows, columns, token), (y, u, v)):
            # Straight into the plane: of many small faces, copies are what costs.
            cv2.resize(tiles, (plane.shape[1], plane.shape[0]), plane, 0, 0, cv2.INTER_NEAREST)


_FIELDS = np.stack(
    [
        (base + np.random.default_rng(channel).integers(-swing, swing + 1, (FIELD, FIELD))).astype(np.uint8)
        for channel, (base, swing) in enumerate(zip(BASE, SWINGS))
    ]
)


def _piece(rows: int, columns: int, token: int) -> NDArray[np.uint8]:
    """(3, rows, columns) of the fields at a place of the token's own, going round at the edges."""
    top, left = token * 97 % FIELD, token * 61 % FIELD
    if top + rows <= FIELD and left + columns <= FIELD:
        return _FIELDS[:, top : top + rows, left : left + columns]
    down, right = np.arange(top, top + rows) % FIELD, np.arange(left, left + columns) % FIELD
    return np.asarray(_FIELDS[:, down[:, None], right])


def build(options: MaskOptions) -> Mosaic:
    """Four to eight tiles across."""
    return Mosaic(cells(options.strength, 8, 4))

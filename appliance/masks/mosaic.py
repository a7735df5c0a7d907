"""The default: tiles drawn from the track's number, the same whatever they hide. Nothing of the face is left."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

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
        luma, chroma = y.shape[::-1], u.shape[::-1]
        rows, columns = _tiles(*luma, self._across)
        tiles_y, tiles_u, tiles_v = _piece(rows, columns, token)
        # Straight into the planes: of many small faces, copies are what costs.
        cv2.resize(tiles_y, luma, y, 0, 0, cv2.INTER_NEAREST)
        cv2.resize(tiles_u, chroma, u, 0, 0, cv2.INTER_NEAREST)
        cv2.resize(tiles_v, chroma, v, 0, 0, cv2.INTER_NEAREST)


_FIELDS = tuple(
    (base + np.random.default_rng(channel).integers(-swing, swing + 1, (FIELD, FIELD))).astype(np.uint8)
    for channel, (base, swing) in enumerate(zip(BASE, SWINGS))
)


@lru_cache(1 << 12)
def _tiles(width: int, height: int, across: int) -> tuple[int, int]:
    """Rows and columns of tiles of a cover of so many pixels."""
    tile = max(min(width, height) / across, 1.0)
    return max(round(height / tile), 1), max(round(width / tile), 1)


@lru_cache(1 << 12)
def _piece(rows: int, columns: int, token: int) -> tuple[Plane, Plane, Plane]:
    """(rows, columns) of each field at a place of the token's own, going round at the edges; to be read only."""
    top, left = token * 97 % FIELD, token * 61 % FIELD
    y, u, v = _FIELDS
    if top + rows <= FIELD and left + columns <= FIELD:
        place = (slice(top, top + rows), slice(left, left + columns))
        return y[place], u[place], v[place]
    down, right = np.arange(top, top + rows)[:, None] % FIELD, np.arange(left, left + columns) % FIELD
    return y[down, right], u[down, right], v[down, right]


def build(options: MaskOptions) -> Mosaic:
    """Four to eight tiles across."""
    return Mosaic(cells(options.strength, 8, 4))

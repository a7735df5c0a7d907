"""The small sign that says filming is on and faces are protected, drawn over a corner of a masked picture."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from appliance.core import lettering
from appliance.core.colours import ycc_of
from appliance.core.frames import Plane

GROUND = ycc_of((20, 24, 31))
INK = ycc_of((240, 243, 247))[0]
DOT = ycc_of((70, 190, 170))

SIZE, MARGIN = 0.034, 0.03
"""Of its letters and of the distance to the picture's edges, as shares of the picture's shorter side."""

BROADEST = 0.6
"""Share of the picture's width that it may take."""

SMALL_PX = 160
"""A picture whose shorter side is below this has no room for it."""


def stamp(y: Plane, u: Plane, v: Plane, lines: Sequence[str]) -> None:
    """Draw the sign into the lower left corner of a picture, chroma halved or equal, in place; tiny ones stay bare."""
    height, width = y.shape
    if min(height, width) < SMALL_PX or not lines:
        return
    planes = _sign(tuple(lines), width, height)
    margin = round(min(width, height) * MARGIN) // 2 * 2
    rows, columns = planes[0].shape
    top, left = (height - margin - rows) // 2 * 2, margin
    y[top : top + rows, left : left + columns] = planes[0]
    step = 1 if u.shape == y.shape else 2
    for plane, drawn in ((u, planes[1]), (v, planes[2])):
        place = plane[top // step : (top + rows) // step, left // step : (left + columns) // step]
        place[:] = drawn[::step, ::step]


@lru_cache(maxsize=4)
def _sign(lines: tuple[str, ...], width: int, height: int) -> tuple[NDArray[np.uint8], ...]:
    """Three planes (h, w) of the sign, both even, chroma whole."""
    wanted = max(round(min(width, height) * SIZE), lettering.SMALLEST_PX)
    size = min(lettering.fitted_px(line, wanted, round(width * BROADEST)) for line in lines)
    pad, dot = size * 2 // 3, max(size // 2, 4)
    step = lettering.line_px(size) + size // 6
    columns = pad + dot + size // 2 + max(lettering.width_px(line, size) for line in lines) + pad
    rows = 2 * (pad * 3 // 4) + step * (len(lines) - 1) + lettering.line_px(size)
    shape = (rows + rows % 2, columns + columns % 2)
    planes = tuple(np.full(shape, level, np.uint8) for level in GROUND)
    top = pad * 3 // 4 + (lettering.line_px(size) - dot) // 2
    for plane, level in zip(planes, DOT):
        _disc(plane, pad + dot / 2, top + dot / 2, dot / 2, level)
    for index, line in enumerate(lines):
        lettering.write(planes[0], line, pad + dot + size // 2, pad * 3 // 4 + index * step, size, INK)
    return planes


def _disc(plane: Plane, x: float, y: float, radius: float, level: int) -> None:
    rows, columns = np.ogrid[: plane.shape[0], : plane.shape[1]]
    plane[(columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2 <= radius**2] = level

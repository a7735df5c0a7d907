"""A picture on a screen of another shape: whole, as large as it goes, never stretched, black around it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from appliance.core.frames import Plane
from appliance.core.geometry import Rect


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """I420 planes of a screen, black until something is put there; width and height are even."""

    y: Plane
    u: Plane
    v: Plane


def canvas(width: int, height: int) -> Canvas:
    """A black one of its own memory."""
    half = (height // 2, width // 2)
    return Canvas(np.full((height, width), 16, np.uint8), np.full(half, 128, np.uint8), np.full(half, 128, np.uint8))


def place(width: int, height: int, screen: tuple[int, int]) -> Rect:
    """Where a picture of that size goes on a screen (width, height): even corners, at least two pixels."""
    share = min(screen[0] / width, screen[1] / height)
    columns = min(max(round(width * share / 2) * 2, 2), screen[0])
    rows = min(max(round(height * share / 2) * 2, 2), screen[1])
    x, y = (screen[0] - columns) // 4 * 2, (screen[1] - rows) // 4 * 2
    return Rect(x, y, x + columns, y + rows)


def put(onto: Canvas, y: Plane, u: Plane, v: Plane, where: Rect) -> None:
    """Scale the planes (chroma halved or whole) into this part of the canvas, the rest stays as it is."""
    for plane, target, step in ((y, onto.y, 1), (u, onto.u, 2), (v, onto.v, 2)):
        part = target[where.y0 // step : where.y1 // step, where.x0 // step : where.x1 // step]
        part[:] = _scaled(plane, part.shape[1], part.shape[0])


def _scaled(plane: Plane, width: int, height: int) -> Plane:
    if plane.shape == (height, width):
        return plane
    smaller = width < plane.shape[1]
    scaled = cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    return np.asarray(scaled, np.uint8)

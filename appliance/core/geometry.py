"""Boxes of real numbers, and the one place that turns them into pixels: outwards, never inwards."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Corners = NDArray[np.float64]
"""(n, 4): x0, y0, x1, y1 in pixels."""


class Rect(NamedTuple):
    """Whole pixels of a frame, half open: columns x0..x1-1, rows y0..y1-1; empty when x1 <= x0 or y1 <= y0."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def empty(self) -> bool:
        """True when the rectangle holds no pixel."""
        return self.x1 <= self.x0 or self.y1 <= self.y0


class Box(NamedTuple):
    """A face's place in float pixels of the full frame, half open; x0 <= x1 and y0 <= y1; may reach beyond it.

    A tuple, for a crowd makes a thousand in each frame, and numpy takes rows of tuples as they are.
    """

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Pixels from left to right edge."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Pixels from top to bottom edge."""
        return self.y1 - self.y0

    @property
    def size(self) -> float:
        """Geometric mean of width and height in pixels: the scale every gate is measured in."""
        return math.sqrt(max(self.width, 0.0) * max(self.height, 0.0))

    @property
    def centre(self) -> tuple[float, float]:
        """(x, y) in pixels."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def area(self) -> float:
        """Square pixels, never negative."""
        return max(self.width, 0.0) * max(self.height, 0.0)

    def moved(self, dx: float, dy: float) -> Box:
        """The same box shifted by (dx, dy) pixels."""
        return Box(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)

    def grown(self, pixels_x: float, pixels_y: float) -> Box:
        """Every side pushed outwards by so many pixels (0 or more)."""
        return Box(self.x0 - pixels_x, self.y0 - pixels_y, self.x1 + pixels_x, self.y1 + pixels_y)

    def scaled(self, sx: float, sy: float) -> Box:
        """Coordinates multiplied by (sx, sy): from one picture size to another."""
        return Box(self.x0 * sx, self.y0 * sy, self.x1 * sx, self.y1 * sy)

    def union(self, other: Box) -> Box:
        """The smallest box that holds both."""
        return Box(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))

    def overlap(self, other: Box) -> float:
        """Square pixels that both cover."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        return max(width, 0.0) * max(height, 0.0)

    def iou(self, other: Box) -> float:
        """Intersection over union, 0..1."""
        both = self.overlap(other)
        whole = self.area + other.area - both
        return both / whole if whole > 0 else 0.0

    def contains(self, other: Box) -> bool:
        """True when every point of the other lies in this one."""
        return self.x0 <= other.x0 and self.y0 <= other.y0 and self.x1 >= other.x1 and self.y1 >= other.y1

    def pixels(self, width: int, height: int, step: int = 1) -> Rect:
        """The pixels this box touches inside a width x height frame, rounded outwards to multiples of step."""
        return Rect(
            max(math.floor(self.x0) // step * step, 0),
            max(math.floor(self.y0) // step * step, 0),
            min(-(-math.ceil(self.x1) // step) * step, width),
            min(-(-math.ceil(self.y1) // step) * step, height),
        )


def corners_of(boxes: Iterable[Box]) -> Corners:
    """Many boxes as rows."""
    return np.fromiter(chain.from_iterable(boxes), np.float64).reshape(-1, 4)


def boxes_of(corners: Corners) -> Iterator[Box]:
    """Rows as boxes."""
    # A crowd makes three hundred in each frame: Box(*row) would take every row through Python code.
    return map(_BOX, corners.tolist())


def rects_of(rows: NDArray[np.int32]) -> list[Rect]:
    """(n, 4) whole numbers as rectangles."""
    return list(map(_RECT, rows.tolist()))


_BOX: Callable[[Iterable[float]], Box] = partial(tuple.__new__, Box)
_RECT: Callable[[Iterable[int]], Rect] = partial(tuple.__new__, Rect)


def between(a: Box, b: Box, share: float) -> Box:
    """The box at share (0 = a, 1 = b) of the straight way from a to b; outside 0..1 it extrapolates."""
    keep = 1.0 - share
    return Box(
        a.x0 * keep + b.x0 * share,
        a.y0 * keep + b.y0 * share,
        a.x1 * keep + b.x1 * share,
        a.y1 * keep + b.y1 * share,
    )

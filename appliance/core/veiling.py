"""The one gate out: the only code that makes a MaskedFrame, and it makes one only by covering."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from appliance.core.frames import Frame, Plane
from appliance.core.geometry import Box, Rect, corners_of, rects_of


class Mask(Protocol):
    """A style of covering. One file of appliance/masks each."""

    def cover(self, y: Plane, u: Plane, v: Plane, token: int) -> None:
        """Overwrite a region in place: y (h, w), u and v halved upwards or equal, any size from 1x1; must not fail.

        The token is a small number that stays the same for one face, so that a drawn pattern stands still on it.
        """


class Cover(NamedTuple):
    """A place to be covered in one frame: the box in pixels, margins included, and the token of its face."""

    box: Box
    token: int


@dataclass(frozen=True, slots=True)
class Shown:
    """An enrolled person left bare in one frame: the face's box in pixels, and the name."""

    box: Box
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class MaskedFrame:
    """A picture that may leave: planes as in Frame, and what was done to it. Made by `veil` alone."""

    y: Plane
    u: Plane
    v: Plane
    index: int
    captured_at: float
    covered: tuple[Rect, ...]
    shown: tuple[Shown, ...]

    @property
    def width(self) -> int:
        """Columns of luma."""
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        """Rows of luma."""
        return int(self.y.shape[0])


def veil(frame: Frame, covers: Sequence[Cover], mask: Mask, shown: Sequence[Shown] = ()) -> MaskedFrame:
    """Overwrite the frame's own planes wherever a cover touches a pixel, rounded outwards; the frame is spent."""
    step = frame.chroma_step
    y, u, v = frame.y, frame.u, frame.v
    rows, tokens = _visible(covers, frame.width, frame.height, step)
    # Whole chroma pixels: a face's colour must not stand on in the half pixel beside the mask.
    halves = np.concatenate([rows[:, :2] // step, -(-rows[:, 2:] // step)], axis=1).tolist()
    covered = rects_of(rows)
    for (left, top, right, bottom), (c_left, c_top, c_right, c_bottom), token in zip(covered, halves, tokens):
        chroma = (slice(c_top, c_bottom), slice(c_left, c_right))
        mask.cover(y[top:bottom, left:right], u[chroma], v[chroma], token)
    return MaskedFrame(y, u, v, frame.index, frame.captured_at, tuple(covered), tuple(shown))


def _visible(covers: Sequence[Cover], width: int, height: int, step: int) -> tuple[NDArray[np.int32], list[int]]:
    """Pixels of each cover, (n, 4) as Box.pixels gives them, and its token, without those that another one holds whole:
    they would be painted over. Raises ValueError for a cover that is nowhere."""
    rows = rounded(covers, width, height, step)
    there = np.flatnonzero((rows[:, 0] < rows[:, 2]) & (rows[:, 1] < rows[:, 3]))
    x0, y0, x1, y1 = rows[there].T.copy()
    inside = (x0[:, None] >= x0) & (y0[:, None] >= y0) & (x1[:, None] <= x1) & (y1[:, None] <= y1)
    # Of equal ones the first stays.
    inside &= ~(inside.T & np.tri(len(there), dtype=bool).T)
    seen = there[~np.asarray(inside.any(axis=1))]
    return rows[seen], [covers[place].token for place in seen.tolist()]


def rounded(covers: Sequence[Cover], width: int, height: int, step: int) -> NDArray[np.int32]:
    """(n, 4) columns and rows x0 y0 x1 y1 of a width x height frame, outwards to multiples of step; of a cover that
    lies beside the frame x0 >= x1 or y0 >= y1. Raises ValueError for a cover that is nowhere."""
    corners = corners_of([cover.box for cover in covers])
    if np.isnan(corners).any():
        raise ValueError("a cover has no place")
    corners /= step
    np.floor(corners[:, :2], corners[:, :2])
    np.ceil(corners[:, 2:], corners[:, 2:])
    corners *= step
    return np.minimum(np.maximum(corners, 0), (width, height, width, height)).astype(np.int32)

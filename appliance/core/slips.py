"""The shrunken picture shows small faces roughly; a tile that shows one in the same frame tells how far off it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from appliance.core.geometry import Box

Corners = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Slip:
    """From the rough box to the sharp one: how far each side moves, in sizes of the rough one."""

    x0: float
    y0: float
    x1: float
    y1: float

    def of(self, rough: Box) -> Box:
        """Where a face is that the shrunken picture shows there."""
        size = max(rough.size, 1.0)
        return Box(
            rough.x0 + self.x0 * size,
            rough.y0 + self.y0 * size,
            rough.x1 + self.x1 * size,
            rough.y1 + self.y1 * size,
        )


def slipped(rough: Corners, slips: Sequence[Slip]) -> Corners:
    """As Slip.of, many at once: (n, 4) corners x0 y0 x1 y1 each."""
    sides = np.maximum(rough[:, 2:] - rough[:, :2], 0.0)
    sizes = np.maximum(np.sqrt(sides[:, :1] * sides[:, 1:]), 1.0)
    return np.asarray(rough + np.array([(slip.x0, slip.y0, slip.x1, slip.y1) for slip in slips]) * sizes)


def slip_between(rough: Box, sharp: Box) -> Slip:
    """What lies between two looks at one face in one frame."""
    size = max(rough.size, 1.0)
    return Slip(
        (sharp.x0 - rough.x0) / size,
        (sharp.y0 - rough.y0) / size,
        (sharp.x1 - rough.x1) / size,
        (sharp.y1 - rough.y1) / size,
    )

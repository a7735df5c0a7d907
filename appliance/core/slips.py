"""The shrunken picture shows small faces roughly; a tile that shows one in the same frame tells how far off it is."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.core.geometry import Box


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


def slip_between(rough: Box, sharp: Box) -> Slip:
    """What lies between two looks at one face in one frame."""
    size = max(rough.size, 1.0)
    return Slip(
        (sharp.x0 - rough.x0) / size,
        (sharp.y0 - rough.y0) / size,
        (sharp.x1 - rough.x1) / size,
        (sharp.y1 - rough.y1) / size,
    )

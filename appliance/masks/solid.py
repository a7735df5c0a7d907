"""One colour. Nothing of the face is left."""

from __future__ import annotations

from appliance.core.colours import ycc_of
from appliance.core.frames import Plane
from appliance.masks import MaskOptions

STRENGTH = "holds nothing of the face"


class Solid:
    """A flat colour."""

    def __init__(self, colour: tuple[int, int, int]) -> None:
        """colour: RGB, 0..255 each."""
        self._colour = ycc_of(colour)

    def cover(self, y: Plane, u: Plane, v: Plane, token: int) -> None:
        """Overwrite the region with the colour."""
        for plane, value in zip((y, u, v), self._colour):
            plane[:] = value


def build(options: MaskOptions) -> Solid:
    """The chosen colour."""
    return Solid(options.colour)

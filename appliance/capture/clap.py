"""A flash at every whole second of the system's clock: the sound source of this name beeps then. For lip-sync."""

from __future__ import annotations

import time

from appliance.capture._drawn import Drawn
from appliance.core.frames import Frame, blank
from appliance.options import Camera

FLASH_S = 0.1
DARK, BRIGHT = 60, 235
"""Luma."""


def build(source: str, camera: Camera, loop: bool = False, patient: bool = False) -> Drawn:
    """Flashes at the camera's size and rate, without an end."""

    def draw(index: int) -> Frame:
        frame = blank(camera.width, camera.height, index)
        # Counted in frames: a fraction of a second is not exact enough to tell the first frame of one.
        frame.y[:] = BRIGHT if index % camera.fps < FLASH_S * camera.fps else DARK
        return frame

    return Drawn(draw, camera.fps, began_at=float(int(time.monotonic())))

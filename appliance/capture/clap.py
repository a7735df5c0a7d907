"""A flash at every whole second of the system's clock: the sound source of this name beeps then. For lip-sync."""

from __future__ import annotations

import time

from appliance.core.frames import Frame, blank
from appliance.options import Camera

FLASH_S = 0.1
DARK, BRIGHT = 60, 235
"""Luma."""


class Clap:
    """Gives the picture of this very moment, as a camera would."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self._began_at = float(int(time.monotonic()))
        self._next = 0

    def read(self, timeout_s: float) -> Frame | None:
        """The newest frame, waiting until it is due; frames nobody read in time are skipped."""
        fps = self._camera.fps
        due = max(self._next, int((time.monotonic() - self._began_at) * fps))
        wait_s = self._began_at + due / fps - time.monotonic()
        if wait_s > timeout_s:
            time.sleep(timeout_s)
            return None
        if wait_s > 0:
            time.sleep(wait_s)
        self._next = due + 1
        return self._frame(due)

    def close(self) -> None:
        """Nothing to let go of."""

    def _frame(self, index: int) -> Frame:
        camera = self._camera
        frame = blank(camera.width, camera.height, index, self._began_at + index / camera.fps)
        # Counted in frames: a fraction of a second is not exact enough to tell the first frame of one.
        frame.y[:] = BRIGHT if index % camera.fps < FLASH_S * camera.fps else DARK
        return frame


def build(source: str, camera: Camera, loop: bool = False, patient: bool = False) -> Clap:
    """Flashes at the camera's size and rate, without an end."""
    return Clap(camera)

"""The staged scene as a camera: no hardware, real faces, known truth. Serves the demo, the tests and the bench."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

from appliance.capture._stage import Stage
from appliance.core.frames import Frame
from appliance.options import Camera

ON_A_BOX = Path("/opt/mofy/photos")


def photos_folder() -> Path:
    """Where the set-up put the photos: MOFY_PHOTOS, .cache/photos of the checkout, or the box's own."""
    named = os.environ.get("MOFY_PHOTOS")
    beside = Path(__file__).resolve().parents[2] / ".cache" / "photos"
    return Path(named) if named else ON_A_BOX if ON_A_BOX.is_dir() and not beside.is_dir() else beside


class Walk:
    """Gives the scene's frame of this very moment, as a camera would."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._began_at = time.monotonic()
        self._next = 0

    def read(self, timeout_s: float) -> Frame | None:
        """The newest frame, waiting until it is due; frames nobody read in time are skipped."""
        due = max(self._next, int((time.monotonic() - self._began_at) * self.stage.fps))
        wait_s = self._began_at + due / self.stage.fps - time.monotonic()
        if wait_s > timeout_s:
            time.sleep(timeout_s)
            return None
        if wait_s > 0:
            time.sleep(wait_s)
        self._next = due + 1
        return replace(self.stage.frame(due), captured_at=self._began_at + due / self.stage.fps)

    def close(self) -> None:
        """Nothing to let go of."""


def build(source: str, camera: Camera, loop: bool = False, patient: bool = False) -> Walk:
    """The demo's scene at the camera's size and rate, without an end; raises CaptureError when photos are missing."""
    return Walk(Stage(photos_folder(), camera.width, camera.height, camera.fps))

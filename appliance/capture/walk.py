"""The staged scene as a camera: no hardware, real faces, known truth. Serves the demo, the tests and the bench."""

from __future__ import annotations

import os
from pathlib import Path

from appliance.capture._drawn import Drawn
from appliance.capture._stage import Stage
from appliance.options import Camera

ON_A_BOX = Path("/opt/mofy/photos")


def photos_folder() -> Path:
    """Where the set-up put the photos: MOFY_PHOTOS, .cache/photos of the checkout, or the box's own."""
    named = os.environ.get("MOFY_PHOTOS")
    beside = Path(__file__).resolve().parents[2] / ".cache" / "photos"
    return Path(named) if named else ON_A_BOX if ON_A_BOX.is_dir() and not beside.is_dir() else beside


def build(source: str, camera: Camera, loop: bool = False, patient: bool = False) -> Drawn:
    """The demo's scene at the camera's size and rate, without an end; raises CaptureError when photos are missing."""
    stage = Stage(photos_folder(), camera.width, camera.height, camera.fps)
    return Drawn(stage.frame, camera.fps)

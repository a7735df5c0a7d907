"""How much a crop can be trusted to say who it is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from appliance.core.faces import Landmarks
from appliance.core.frames import RgbImage

EYES_PX_FULL = 40.0
"""Distance of the eyes at which size no longer limits: the crop's own is 35."""

SHARPNESS_FULL = 120.0
"""Variance of the crop's Laplacian at which blur no longer limits."""


@dataclass(frozen=True, slots=True)
class Quality:
    """Measures of one aligned crop."""

    eyes_px: float
    """Distance of the eyes in the picture it came from."""
    turn: float
    """0 looking at the camera, about 1 in profile: the nose's distance from the line between eyes and mouth."""
    sharpness: float
    """Variance of the Laplacian of luma, 0 upwards."""
    light: float
    """Mean luma of the face's middle, 0..255."""
    contrast: float
    """Standard deviation of luma of the face's middle, 0 upwards."""

    @property
    def score(self) -> float:
        """0 useless .. 1 as good as it gets."""
        size = min(self.eyes_px / EYES_PX_FULL, 1.0)
        sharp = min(self.sharpness / SHARPNESS_FULL, 1.0) ** 0.5
        frontal = max(1.0 - self.turn**2, 0.1)
        lit = min(self.contrast / 25.0, 1.0)
        return float(size**0.5 * sharp * frontal * lit)


def measure(crop: RgbImage, landmarks: Landmarks) -> Quality:
    """Quality of a 112x112 aligned crop and the landmarks it was cut by."""
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    middle = grey[28:100, 24:88]
    right_eye, left_eye = landmarks[0], landmarks[1]
    return Quality(
        eyes_px=float(np.hypot(*(left_eye - right_eye))),
        turn=turn(landmarks),
        sharpness=float(cv2.Laplacian(middle, cv2.CV_32F).var()),
        light=float(middle.mean()),
        contrast=float(middle.std()),
    )


def turn(landmarks: Landmarks) -> float:
    """How far the head is turned sideways: 0 frontal, 1 when the nose stands before an eye (about 45 to 60 degrees)."""
    eyes, mouth = landmarks[:2].mean(axis=0), landmarks[3:].mean(axis=0)
    across = landmarks[1] - landmarks[0]
    down = mouth - eyes
    # Seen along the axis from eyes to mouth, so that a tilted head counts as frontal.
    length = max(float(np.hypot(*down)), 1e-6)
    axis = down / length
    side = abs(float(across[0] * axis[1] - across[1] * axis[0]))
    offset = landmarks[2] - (eyes + mouth) / 2
    nose = abs(float(offset[0] * axis[1] - offset[1] * axis[0]))
    return min(2 * nose / max(side, 0.15 * length), 1.0)

"""Where one shot ends and the next begins."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.core.frames import Frame

THUMBNAIL = (48, 27)
"""Columns and rows of the picture that two frames are compared in."""

CHANGE = 0.45
"""Mean change of light, beside the picture's own contrast, above which two neighbouring frames are two shots.

Measured on film and news clips: cuts 0.5 and more, fast gestures and pans 0.32 at most.
"""

LEAST_CONTRAST = 8.0
"""Luma's standard deviation below which a picture is as good as blank, and what changes in it is noise."""


class CutDetector:
    """Compares each frame with the one before it; the first frame is always a cut."""

    def __init__(self) -> None:
        self._before: NDArray[np.float32] | None = None
        self._deviation = 0.0
        self._size = (0, 0)

    def is_cut(self, frame: Frame) -> bool:
        """True when the frame begins a new shot; to be asked once a frame, in order."""
        before, self._before = self._before, _thumbnail(frame)
        deviation, self._deviation = self._deviation, float(self._before.std())
        size, self._size = self._size, (frame.width, frame.height)
        if before is None or size != self._size:
            return True
        contrast = max((deviation + self._deviation) / 2, LEAST_CONTRAST)
        return float(np.abs(before - self._before).mean()) > CHANGE * contrast


def _thumbnail(frame: Frame) -> NDArray[np.float32]:
    """Luma about its own mean, so that a flash or a changed exposure is no new shot."""
    # Some rows and columns are enough for a thumbnail, and cost nothing at 4K.
    rows = max(frame.height // THUMBNAIL[1] // 2, 1)
    columns = max(frame.width // THUMBNAIL[0] // 2, 1)
    small = cv2.resize(frame.y[::rows, ::columns], THUMBNAIL, interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(small - small.mean(), np.float32)

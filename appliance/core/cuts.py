"""Where one shot ends and the next begins."""

from __future__ import annotations

import cv2
import numpy as np

from appliance.core.frames import Frame, Plane, uint8

THUMBNAIL = (48, 27)
"""Columns and rows of the picture that two frames are compared in."""

MEAN_CHANGE = 28.0
"""Mean absolute luma change (0..255) above which two neighbouring frames are two shots, if the histogram moved too."""

HISTOGRAM_CHANGE = 0.35
"""Share of the luma histogram (0..1) that must have moved: a pan moves pixels, a cut moves the histogram as well."""


class CutDetector:
    """Compares each frame with the one before it; the first frame is always a cut."""

    def __init__(self) -> None:
        self._before: Plane | None = None

    def is_cut(self, frame: Frame) -> bool:
        """True when the frame begins a new shot; to be asked once a frame, in order."""
        # Nearest rows and columns are enough for a thumbnail, and cost nothing at 4K.
        rows = max(frame.height // THUMBNAIL[1] // 2, 1)
        columns = max(frame.width // THUMBNAIL[0] // 2, 1)
        now = uint8(cv2.resize(frame.y[::rows, ::columns], THUMBNAIL, interpolation=cv2.INTER_AREA))
        before, self._before = self._before, now
        if before is None or before.shape != now.shape:
            return True
        moved = float(cv2.absdiff(before, now).mean())
        return moved > MEAN_CHANGE and _histogram_change(before, now) > HISTOGRAM_CHANGE


def _histogram_change(a: Plane, b: Plane) -> float:
    counts_a, counts_b = (np.bincount(picture.reshape(-1) >> 4, minlength=16) for picture in (a, b))
    return float(np.abs(counts_a - counts_b).sum()) / (2 * a.size)

"""Where one shot ends and the next begins."""

from __future__ import annotations

from dataclasses import dataclass

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

BLINK = 16.0
"""Change of luma, in four neighbouring points of a thumbnail, from which somebody may be in one frame only. Of seven
clips 0.5 to 2.3 % of the frames have it (14 % of a stage with flickering lights), of staged faces that are in a single
frame 90 % from a twentieth of the picture's width on, half of those half as wide."""

LEAST_CONTRAST = 8.0
"""Luma's standard deviation below which a picture is as good as blank, and what changes in it is noise."""


class CutDetector:
    """Compares each frame with the one before it; the first frame is always a cut."""

    def __init__(self) -> None:
        self._before: Glance | None = None

    def is_cut(self, frame: Frame) -> bool:
        """True when the frame begins a new shot; to be asked once a frame, in order."""
        before, self._before = self._before, glance(frame)
        return before is None or differ(before, self._before)


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """What of a frame is compared."""

    size: tuple[int, int]
    """(width, height) in pixels."""
    thumbnail: NDArray[np.float32]
    """THUMBNAIL of luma about its own mean, so that a flash or a changed exposure is no new shot."""
    deviation: float


def glance(frame: Frame) -> Glance:
    """A look at the frame as a whole."""
    # Some rows and columns are enough for a thumbnail, and cost nothing at 4K.
    rows = max(frame.height // THUMBNAIL[1] // 2, 1)
    columns = max(frame.width // THUMBNAIL[0] // 2, 1)
    small = cv2.resize(frame.y[::rows, ::columns], THUMBNAIL, interpolation=cv2.INTER_AREA).astype(np.float32)
    thumbnail = np.asarray(small - small.mean(), np.float32)
    return Glance((frame.width, frame.height), thumbnail, float(thumbnail.std()))


def differ(one: Glance, other: Glance) -> bool:
    """True when these are two shots."""
    contrast = max((one.deviation + other.deviation) / 2, LEAST_CONTRAST)
    change = float(np.abs(one.thumbnail - other.thumbnail).mean())
    return one.size != other.size or change > CHANGE * contrast


def blinks(before: Glance, there: Glance, after: Glance) -> bool:
    """True when a part of the middle one of three neighbours is unlike both others, which are alike: whatever passes by
    is on its way in all three, but somebody may be in that one alone."""
    if not before.size == there.size == after.size:
        return False
    unlike = np.minimum(np.abs(there.thumbnail - before.thumbnail), np.abs(there.thumbnail - after.thumbnail))
    alone = cv2.blur(unlike - np.abs(after.thumbnail - before.thumbnail), (2, 2))
    return float(np.max(alone)) > BLINK

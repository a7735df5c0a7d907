"""What is seen instead of a picture: a plain ground, a title, one line of reason."""

from __future__ import annotations

import cv2

from appliance.core.colours import ycc_of
from appliance.core.frames import Frame, blank

GROUND = ycc_of((24, 28, 36))
TITLE, REASON = ycc_of((235, 238, 242))[0], ycc_of((150, 160, 175))[0]
BROADEST = 0.86
"""Share of the width that a line of text may take; longer ones are set smaller."""


def slate(width: int, height: int, title: str, reason: str) -> Frame:
    """An I420 frame of that size that shows the two lines, Korean too, and nothing else."""
    frame = blank(width, height)
    frame.y[:], frame.u[:], frame.v[:] = GROUND
    _centred(frame, title, height * 0.44, max(height // 9, 8), TITLE)
    _centred(frame, reason, height * 0.60, max(height // 22, 8), REASON)
    return frame


def _centred(frame: Frame, text: str, middle: float, size_px: int, luma: int) -> None:
    font = cv2.FontFace("uni")
    extent = _width(text, size_px, font)
    if extent > BROADEST * frame.width:
        size_px = max(int(size_px * BROADEST * frame.width / extent), 6)
        extent = _width(text, size_px, font)
    place = (round((frame.width - extent) / 2), round(middle + size_px * 0.35))
    cv2.putText(frame.y, text, place, (luma,), font, size_px, 500)


def _width(text: str, size_px: int, font: cv2.FontFace) -> int:
    return max(int(cv2.getTextSize((1 << 14, 1 << 14), text, (0, 0), font, size_px, 500)[2]), 1)

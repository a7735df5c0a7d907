"""Words as pixels: OpenCV's own font, which has Hangul too, measured, broken into lines and drawn onto luma."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.core.frames import Plane

FONT = "uni"
SMALLEST_PX = 7
BASELINE, HEIGHT = 0.86, 1.16
"""Of a line of text, as shares of its size: where letters stand, and how much of the picture it takes."""

EVENER = (0.9, 0.8, 0.7, 0.6)
"""Shares of the room that are tried, so that no last line holds a single word."""

_FAR = (1 << 14, 1 << 14)


def width_px(text: str, size_px: int) -> int:
    """Columns that the text takes."""
    box = cv2.getTextSize(_FAR, text, (0, 0), cv2.FontFace(FONT), size_px, 0)
    return max(int(box[2]), 0)


def line_px(size_px: int) -> int:
    """Rows that a line of text takes."""
    return round(size_px * HEIGHT)


def fitted_px(text: str, size_px: int, room_px: int) -> int:
    """The size, at most this one, at which the text fits into so many columns; never below the smallest."""
    taken = width_px(text, size_px)
    if taken <= room_px:
        return size_px
    size_px = max(int(size_px * room_px / taken), SMALLEST_PX)
    # Letters are as wide as whole pixels: a line of them need not shrink as its size does.
    while size_px > SMALLEST_PX and width_px(text, size_px) > room_px:
        size_px -= 1
    return size_px


def broken(text: str, size_px: int, room_px: int) -> list[str]:
    """The text in as few lines as fit into so many columns, about equally long; a word is never broken."""
    lines = _filled(text, size_px, room_px)
    for share in EVENER:
        evener = _filled(text, size_px, round(room_px * share))
        if len(evener) > len(lines):
            break
        lines = evener
    return lines


def _filled(text: str, size_px: int, room_px: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_px(longer, size_px) <= room_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def write(luma: Plane, text: str, x: int, y: int, size_px: int, shade: int) -> None:
    """Draw one line whose upper left corner is (x, y), blended into whatever is there; what lies outside is cut off."""
    ink = _ink(text, size_px)
    left, top = max(-x, 0), max(-y, 0)
    ink = ink[top : max(luma.shape[0] - y, 0), left : max(luma.shape[1] - x, 0)]
    if ink.size:
        place = luma[y + top : y + top + ink.shape[0], x + left : x + left + ink.shape[1]]
        place[:] = (place + (shade - place.astype(np.float32)) * (ink / np.float32(255))).round()


@lru_cache(maxsize=128)
def _ink(text: str, size_px: int) -> NDArray[np.uint8]:
    """(h, w) how much of each pixel the letters cover, 0 to 255."""
    ink = np.zeros((line_px(size_px), width_px(text, size_px) + size_px // 4), np.uint8)
    if ink.size:
        cv2.putText(ink, text, (0, round(size_px * BASELINE)), (255,), cv2.FontFace(FONT), size_px, 0)
    return ink

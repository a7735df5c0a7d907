"""Box and name of a shown person, drawn into a frame before it is veiled."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.core.colours import ycc_of
from appliance.core.frames import Frame
from appliance.core.geometry import Box, Rect

COLOUR = ycc_of((80, 220, 140))
TEXT = ycc_of((10, 30, 20))


def outline(frame: Frame, box: Box, name: str) -> None:
    """Draw the box and, above it, the name; whatever lies outside the frame is left out."""
    line = max(frame.height // 360, 1) * 2
    rect = box.pixels(frame.width, frame.height, 2)
    if rect.empty:
        return
    for edge in (
        Rect(rect.x0, rect.y0, rect.x1, rect.y0 + line),
        Rect(rect.x0, rect.y1 - line, rect.x1, rect.y1),
        Rect(rect.x0, rect.y0, rect.x0 + line, rect.y1),
        Rect(rect.x1 - line, rect.y0, rect.x1, rect.y1),
    ):
        _fill(frame, edge)
    label = _label(name, max(frame.height // 36, 12))
    top = rect.y0 - label.shape[0] if rect.y0 >= label.shape[0] else rect.y0
    _stamp(frame, label, rect.x0, top - top % 2)


def _fill(frame: Frame, rect: Rect) -> None:
    step = frame.chroma_step
    x0, y0, x1, y1 = max(rect.x0, 0), max(rect.y0, 0), min(rect.x1, frame.width), min(rect.y1, frame.height)
    frame.y[y0:y1, x0:x1] = COLOUR[0]
    chroma = (slice(y0 // step, -(-y1 // step)), slice(x0 // step, -(-x1 // step)))
    frame.u[chroma], frame.v[chroma] = COLOUR[1], COLOUR[2]


def _stamp(frame: Frame, label: NDArray[np.uint8], x: int, y: int) -> None:
    height, width = min(label.shape[0], frame.height - y), min(label.shape[1], frame.width - x)
    if height <= 0 or width <= 0:
        return
    _fill(frame, Rect(x, y, x + width, y + height))
    frame.y[y : y + height, x : x + width] = label[:height, :width]


@lru_cache(maxsize=64)
def _label(name: str, height: int) -> NDArray[np.uint8]:
    """(h, w) luma of the name on the outline's colour, both even; OpenCV's own font has Hangul too."""
    pad = height // 3
    font = cv2.FontFace("uni")
    _, _, width, _ = cv2.getTextSize((4096, 4096), name, (0, 0), font, height, 600)
    canvas = np.full((height + 2 * pad, width + 2 * pad), COLOUR[0], np.uint8)
    cv2.putText(canvas, name, (pad, pad + round(height * 0.82)), (TEXT[0],), font, height, 600)
    return canvas[: canvas.shape[0] // 2 * 2, : canvas.shape[1] // 2 * 2]

"""Planes as drivers lay them out, made into ours: packed, of our own memory, in limited range."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from appliance.capture._memory import Memory
from appliance.core.frames import Frame, Plane, from_i420
from appliance.errors import CaptureError

STALEST_S = 1.0
"""No frame is taken to be older than this, whatever its time stamp claims."""


def limit(frame: Frame) -> None:
    """Turn full-range planes (JPEG's, hence most USB cameras') into limited ones, in place."""
    for plane, gain, offset in ((frame.y, 219 / 255, 16.0), (frame.u, 224 / 255, 15.56), (frame.v, 224 / 255, 15.56)):
        cv2.convertScaleAbs(plane, plane, gain, offset)


def copied(
    data: Any, width: int, height: int, offsets: list[int], strides: list[int], memory: Memory | None = None
) -> Plane:
    """One packed I420 buffer of planes that lie anywhere with any stride; raises CaptureError if they do not fit.

    memory: where the buffer comes from; None takes fresh memory.
    """
    half = ((height + 1) // 2, (width + 1) // 2)
    packed = (memory or Memory()).take(width * height + 2 * half[0] * half[1])
    target = from_i420(packed, width, height, 0, 0.0)
    for plane, offset, stride in zip((target.y, target.u, target.v), offsets, strides):
        try:
            plane[:] = np.ndarray(plane.shape, np.uint8, data, offset, (stride, 1))
        except (TypeError, ValueError) as error:
            raise CaptureError(f"the camera's picture is not laid out as it says ({error})") from None
    return packed

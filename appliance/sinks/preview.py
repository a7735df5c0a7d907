"""A small masked picture for page and phone, replaced a few times a second."""

from __future__ import annotations

import os
import time
from pathlib import Path

import cv2
import numpy as np

from appliance import whole_files
from appliance.core.frames import Plane, rgb_of
from appliance.core.veiling import MaskedFrame
from appliance.errors import SinkError
from appliance.sinks import SinkOptions
from appliance.sinks._worker import Worker

NAME = "preview.jpg"
EVERY_S = 0.25
WIDTH_PX = 640
JPEG_QUALITY = 75
CLOSING_S = 0.5


class PreviewSink:
    """Writes beside the picture and renames over it: a reader never sees half of one."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._due_at = 0.0
        self._worker = Worker("preview", self._replace, waiting=1)

    @property
    def fault(self) -> str | None:
        """Why there are no new previews; None while there are."""
        return f"{self._path}: no preview ({self._worker.fault})" if self._worker.fault else None

    def write(self, frame: MaskedFrame) -> None:
        """Take the frame when the next preview is due; see Sink."""
        now = time.monotonic()
        if now >= self._due_at:
            self._due_at = now + EVERY_S
            self._worker.put(frame)

    def close(self) -> None:
        """Take the picture away: what is not live must not look as if it were."""
        self._worker.finish(CLOSING_S)
        self._path.unlink(missing_ok=True)

    def _replace(self, frame: MaskedFrame) -> None:
        whole_files.replace(self._path, jpeg(frame))


def build(options: SinkOptions) -> PreviewSink:
    """Previews in the runtime folder; raises SinkError when it is no folder to write in."""
    if not os.access(options.runtime, os.W_OK):
        raise SinkError(f"{options.runtime}: the preview's folder cannot be written to")
    return PreviewSink(options.runtime)


def jpeg(frame: MaskedFrame) -> bytes:
    """The picture as JPEG, at most 640 pixels wide."""
    share = min(WIDTH_PX / frame.width, 1.0)
    half = (max(round(frame.width * share / 2), 1), max(round(frame.height * share / 2), 1))
    y = _resized(frame.y, (half[0] * 2, half[1] * 2))
    u, v = (_resized(plane, half) for plane in (frame.u, frame.v))
    done, encoded = cv2.imencode(".jpg", rgb_of(y, u, v)[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise SinkError("the preview could not be encoded")
    return encoded.tobytes()


def _resized(plane: Plane, size: tuple[int, int]) -> Plane:
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.uint8)

"""The meter's eyes: CenterFace at full resolution, and what YuNet is very sure of at full resolution."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.auditing import models
from appliance.core.faces import Face
from appliance.core.frames import Frame, RgbImage, region_rgb
from appliance.core.geometry import Box, Rect

CENTERFACE_SCORE = 0.35
YUNET_SCORE = 0.8
"""What a detection must score. YuNet is the family that the pipeline detects with too, so only its sure finds count."""

SURE_SCORE = 0.5
"""What some detection of a face must score: near it in time weaker ones count, too, for faces blur and turn."""

SAME_FACE_IOU = 0.3
SAME_FACE_SHARE = 0.4
"""Detections of the two networks that share this much of the smaller one are one face."""

WHOLE_SHARE = 0.7
"""Share of a face's box that must lie in the picture: of what is cut off more, detectors guess."""

MULTIPLE_PX = 32
"""Both networks take pictures whose sides are multiples of this."""

OUTPUTS = ("537", "538", "539", "540")
STRIDE = 4
"""CenterFace's maps (heat, size, offset, landmarks) have one cell per 4x4 pixels."""


class Detector:
    """Finds the faces of a frame, in the frame's own pixels."""

    def __init__(self) -> None:
        """Raises ModelError when a model is missing."""
        self._centerface = CenterFace()
        self._yunet = SureYuNet()

    def detect(self, frame: Frame) -> list[Face]:
        """Each face once; landmarks are always there."""
        rgb = padded_rgb(frame)
        first = self._centerface.detect(rgb)
        more = [face for face in self._yunet.detect(rgb) if not any(_same(face, other) for other in first)]
        return [face for face in first + more if _inside(face, frame)]


class CenterFace:
    """CenterFace (Xu et al. 2019): an anchor-free detector on MobileNetV2; decoding as its authors do it."""

    def __init__(self) -> None:
        self._net = cv2.dnn.readNetFromONNX(str(models.path(models.CENTERFACE)))

    def detect(self, rgb: RgbImage) -> list[Face]:
        """Faces of an (h, w, 3) picture, sides multiples of 32."""
        self._net.setInput(cv2.dnn.blobFromImage(rgb))
        heat, size, offset, landmarks = (np.asarray(found)[0] for found in self._net.forward(OUTPUTS))
        rows, columns = np.nonzero(heat[0] >= CENTERFACE_SCORE)
        found = _decoded(rows, columns, heat, size, offset, landmarks)
        if not found:
            return []
        boxes = [[face.box.x0, face.box.y0, face.box.width, face.box.height] for face in found]
        kept = cv2.dnn.NMSBoxes(boxes, [face.score for face in found], CENTERFACE_SCORE, SAME_FACE_IOU)
        return [found[int(index)] for index in np.asarray(kept).reshape(-1)]


class SureYuNet:
    """YuNet through OpenCV, at the picture's own size."""

    def __init__(self) -> None:
        path = str(models.path(models.YUNET))
        with _quiet():
            self._net: Any = cv2.FaceDetectorYN.create(path, "", (320, 320), YUNET_SCORE, SAME_FACE_IOU, 5000)

    def detect(self, rgb: RgbImage) -> list[Face]:
        """Faces of an (h, w, 3) picture."""
        self._net.setInputSize((rgb.shape[1], rgb.shape[0]))
        _, rows = self._net.detect(np.ascontiguousarray(rgb[:, :, ::-1]))
        return [] if rows is None else [_yunet_face(row) for row in rows]


def padded_rgb(frame: Frame) -> RgbImage:
    """The frame at full resolution, black on the right and below up to multiples of 32."""
    even = (-(-frame.width // 2) * 2, -(-frame.height // 2) * 2)
    canvas = (-(-even[0] // MULTIPLE_PX) * MULTIPLE_PX, -(-even[1] // MULTIPLE_PX) * MULTIPLE_PX)
    return region_rgb(frame, Rect(0, 0, frame.width, frame.height), even, canvas)


def _decoded(rows: Any, columns: Any, heat: Any, size: Any, offset: Any, landmarks: Any) -> list[Face]:
    cells = (slice(None), rows, columns)
    tall, wide = np.exp(size[cells]) * STRIDE
    top = (rows + offset[cells][0] + 0.5) * STRIDE - tall / 2
    left = (columns + offset[cells][1] + 0.5) * STRIDE - wide / 2
    points = landmarks[cells].reshape(5, 2, -1)
    x, y = points[:, 1] * wide + left, points[:, 0] * tall + top
    return [
        Face(
            Box(float(left[i]), float(top[i]), float(left[i] + wide[i]), float(top[i] + tall[i])),
            np.stack([x[:, i], y[:, i]], axis=1).astype(np.float32),
            float(heat[0, rows[i], columns[i]]),
        )
        for i in range(len(rows))
    ]


def _yunet_face(row: NDArray[np.float32]) -> Face:
    x, y, wide, tall = (float(value) for value in row[:4])
    return Face(Box(x, y, x + wide, y + tall), row[4:14].reshape(5, 2).copy(), float(row[14]))


def _same(face: Face, other: Face) -> bool:
    return face.box.overlap(other.box) > SAME_FACE_SHARE * min(face.box.area, other.box.area)


def _inside(face: Face, frame: Frame) -> bool:
    return face.box.overlap(Box(0, 0, frame.width, frame.height)) > WHOLE_SHARE * face.box.area


@contextmanager
def _quiet() -> Iterator[None]:
    """OpenCV's new engine warns that it has no choice of targets, which nobody asked for."""
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)

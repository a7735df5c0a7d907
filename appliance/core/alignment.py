"""From five landmarks to the upright 112x112 crop that embedders are trained on."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.core.faces import Landmarks
from appliance.core.frames import Frame, Plane, RgbImage, rgb_of, uint8

CROP_PX = 112

TEMPLATE: Landmarks = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)
"""Where the five landmarks lie in the crop (the ArcFace template)."""


def similarity(source: Landmarks, target: Landmarks) -> NDArray[np.float64]:
    """(2, 3) matrix of the least-squares rotation, scale and shift from source to target points.

    Closed form of Umeyama (1991) in two dimensions, without reflection.
    """
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    a, b = source - source_mean, target - target_mean
    norm = max(float((a * a).sum()), 1e-12)
    cosine = float((a * b).sum()) / norm
    sine = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / norm
    linear = np.array([[cosine, -sine], [sine, cosine]])
    shift = target_mean - linear @ source_mean
    return np.column_stack([linear, shift])


def crop(frame: Frame, landmarks: Landmarks) -> RgbImage:
    """(112, 112, 3) RGB of the face, upright and centred; black where it reaches beyond the frame."""
    matrix = similarity(landmarks, TEMPLATE)
    half = CROP_PX // 2
    y = _warp(frame.y, matrix, CROP_PX, 16)
    to_chroma = 0.5 if frame.chroma_step == 1 else 1.0
    chroma = matrix.copy()
    chroma[:, :2] *= to_chroma
    chroma[:, 2] *= 0.5
    u, v = (_warp(plane, chroma, half, 128) for plane in (frame.u, frame.v))
    return rgb_of(y, u, v)


def _warp(plane: Plane, matrix: NDArray[np.float64], side: int, outside: int) -> Plane:
    # warpAffine samples four neighbours: a face much larger than the crop would alias, so it is halved first.
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < 0.5 and scale > 0:
        plane, matrix = _halved(plane, matrix, round(1 / scale), side)
    size = (side, side)
    border = cv2.BORDER_CONSTANT
    return uint8(cv2.warpAffine(plane, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border, borderValue=outside))


def _halved(plane: Plane, matrix: NDArray[np.float64], factor: int, side: int) -> tuple[Plane, NDArray[np.float64]]:
    inverse = cv2.invertAffineTransform(matrix)
    corners = np.array([[0, 0, 1], [side, 0, 1], [0, side, 1], [side, side, 1]]) @ inverse.T
    x0, y0 = np.clip(np.floor(corners.min(axis=0)).astype(int) - factor, 0, None)
    x1, y1 = np.clip(np.ceil(corners.max(axis=0)).astype(int) + factor, 1, (plane.shape[1], plane.shape[0]))
    part = plane[y0:y1, x0:x1]
    if part.size == 0:
        return plane, matrix
    size = (max(part.shape[1] // factor, 1), max(part.shape[0] // factor, 1))
    small = uint8(cv2.resize(part, size, interpolation=cv2.INTER_AREA))
    ratio = np.array([part.shape[1] / small.shape[1], part.shape[0] / small.shape[0]])
    shifted = matrix.copy()
    shifted[:, 2] += matrix[:, :2] @ np.array([x0, y0], float)
    # Pixel centres: small pixel i stands for the middle of the block it averages.
    shifted[:, 2] += shifted[:, :2] @ ((ratio - 1) / 2)
    shifted[:, :2] *= ratio
    return small, shifted

"""Is a face still bare? Compares the fine detail of the two pictures inside the face.

Plain similarity of pixels (SSIM) calls dark faces bare that are masked, because two dark patches are alike.
Band-passed, they are not: what is left must follow the original's own fine structure, and be about as strong.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.core.frames import Plane, uint8
from appliance.core.geometry import Box

Floats = NDArray[np.float32]

SIDE_PX = 96
"""Faces are compared at this size; larger ones shrink, smaller ones grow and lose the finest part of the band."""

FINE_SHARE, COARSE_SHARE = 1.2 / 96, 5.0 / 96
"""The band's two Gaussian radii (sigma) as shares of the face: eyelids, nostrils, lips; not the shape of the head."""

FINEST_PX = 0.8
"""Below this radius in the picture's own pixels there is only noise of the camera and the encoder."""

CELLS = 4
"""The face is compared in so many cells each way, so that a half covered face is half bare."""

LOUDEST = 4.0
"""A cell weighs at most so many times the median one: the edge of a cap alone says nothing about the face."""

BARE = 0.45
"""Share of detail kept from which a face is called bare. Measured on two crowds, faces of 20 px and more: the default
mosaic leaves 0.41 at most (0.14 as a rule), blur 0.22, pixelate (which is weak) 0.50; of faces that `redact` only
encoded anew 0.51 is left at least, where they are dark and blurred, and 0.97 as a rule."""


def kept(raw: Plane, masked: Plane, box: Box) -> float:
    """Share 0..1 of the face's fine detail in `raw` (luma) that `masked` still has; NaN outside the picture."""
    rect = box.pixels(raw.shape[1], raw.shape[0])
    if rect.x1 - rect.x0 < 4 or rect.y1 - rect.y0 < 4:
        return float("nan")
    part = (slice(rect.y0, rect.y1), slice(rect.x0, rect.x1))
    fine = max(FINE_SHARE * SIDE_PX, FINEST_PX * SIDE_PX / max(box.size, 1.0))
    coarse = max(COARSE_SHARE * SIDE_PX, 2.5 * fine)
    a, b = (_band(_sized(plane[part]), fine, coarse) for plane in (raw, masked))
    return _agreement(a, b)


def _sized(part: Plane) -> Plane:
    shrinks = part.shape[0] > SIDE_PX
    size = (SIDE_PX, SIDE_PX)
    return uint8(cv2.resize(part, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR))


def _band(part: Plane, fine: float, coarse: float) -> Floats:
    values = part.astype(np.float32)
    return np.asarray(cv2.GaussianBlur(values, (0, 0), fine) - cv2.GaussianBlur(values, (0, 0), coarse), np.float32)


def _agreement(raw: Floats, masked: Floats) -> float:
    """Cells weighted by their detail in the original: the smaller of correlation and relative strength.

    Cells may be negative: where nothing of the face is left, chance makes half of them so, and they cancel out.
    """
    inside = _ELLIPSE
    energy, left, both = (_cells(product * inside) for product in (raw * raw, masked * masked, raw * masked))
    correlation = both / np.sqrt(np.maximum(energy * left, 1e-6))
    strength = both / np.maximum(energy, 1e-6)
    agreed = np.clip(np.minimum(correlation, strength), -1, 1)
    weight = np.minimum(energy, LOUDEST * np.median(energy))
    return max(float((agreed * weight).sum() / max(float(weight.sum()), 1e-6)), 0.0)


def _cells(values: Floats) -> Floats:
    side = SIDE_PX // CELLS
    return np.asarray(values.reshape(CELLS, side, CELLS, side).sum(axis=(1, 3)), np.float32)


def _ellipse() -> Floats:
    shape = np.zeros((SIDE_PX, SIDE_PX), np.float32)
    middle = SIDE_PX // 2
    cv2.ellipse(shape, (middle, middle), (round(0.46 * SIDE_PX), middle), 0, 0, 360, 1.0, -1)
    return shape


_ELLIPSE = _ellipse()

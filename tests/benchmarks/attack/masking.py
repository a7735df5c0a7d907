"""Pictures as they leave the box: covered, and what an attacker makes of many frames of a face that stands still."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from appliance.core.frames import Frame, Plane
from appliance.core.veiling import Cover, Mask, veil
from tests.benchmarks.attack.subjects import Picture

FRAMES = 30
"""Frames averaged."""

NOISE = (4.0, 2.0)
"""Standard deviation of the sensor's noise in luma and in chroma: a camera indoors."""


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """Noise drawn once; each picture takes another corner of it."""

    luma: NDArray[np.int16]
    chroma: NDArray[np.int16]

    def on(self, frame: Frame, shift: int) -> Frame:
        """A copy of the frame as a sensor might have seen it."""
        fields = (self.luma, np.roll(self.chroma, 7, axis=0), np.roll(self.chroma, 3, axis=1))
        planes = [_noisy(plane, field, shift) for plane, field in zip((frame.y, frame.u, frame.v), fields)]
        return Frame(*planes, frame.index, frame.captured_at)


def noise(side: int, seed: int = 1) -> Noise:
    """For pictures up to half as wide and high as `side`."""
    dice = np.random.default_rng(seed)
    luma, chroma = (np.rint(dice.normal(0, sigma, (side, side))).astype(np.int16) for sigma in NOISE)
    return Noise(luma, chroma)


def covered(picture: Picture, mask: Mask, token: int) -> Frame:
    """As it leaves the box."""
    return _veiled(_copy(picture.frame), picture, mask, token)


def averaged(picture: Picture, mask: Mask, token: int, grain: Noise, frames: int = FRAMES) -> Frame:
    """The mean of so many covered frames of a face that stands still before a camera."""
    seen = [_veiled(grain.on(picture.frame, token * 31 + 17 * at), picture, mask, token) for at in range(frames)]
    planes = [
        np.rint(np.mean([getattr(frame, name) for frame in seen], axis=0, dtype=np.float32)).astype(np.uint8)
        for name in ("y", "u", "v")
    ]
    return Frame(*planes, 0, 0.0)


def _veiled(frame: Frame, picture: Picture, mask: Mask, token: int) -> Frame:
    left = veil(frame, [Cover(picture.cover, token)], mask)
    return Frame(left.y, left.u, left.v, left.index, left.captured_at)


def _copy(frame: Frame) -> Frame:
    return Frame(frame.y.copy(), frame.u.copy(), frame.v.copy(), frame.index, frame.captured_at)


def _noisy(plane: Plane, field: NDArray[np.int16], shift: int) -> Plane:
    height, width = plane.shape
    top, left = shift % (field.shape[0] - height), shift * 7 % (field.shape[1] - width)
    return np.clip(plane + field[top : top + height, left : left + width], 0, 255).astype(np.uint8)

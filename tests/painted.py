"""People painted as coloured, patchy blocks on green; a detector and an embedder that know them. No model, no photo."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from appliance.core.faces import Face
from appliance.core.geometry import Box
from appliance.enrolment import Models
from tests.scripted import face, identity

TINTS = {"ann": -80, "ben": -40, "cho": 0, "dan": 40, "eve": 80}
"""How much redder than blue each one is."""

GREEN = (0, 255, 0)


class PaintedDetector:
    """Finds every block that no edge cuts; a block twice as high as wide has its head turned away."""

    input_size = (640, 384)

    def detect(self, rgb):
        red, green, blue = (rgb[:, :, k].astype(int) for k in range(3))
        grass = (green > red + 60) & (green > blue + 60)
        border = (abs(rgb.astype(int) - 128).max(axis=2) <= 4) | (rgb.max(axis=2) < 12)
        blocks = cv2.morphologyEx((~grass & ~border).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        blocks = cv2.morphologyEx(blocks, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
        count, _, stats, _ = cv2.connectedComponentsWithStats(blocks)
        return [_found(*stats[i][:4]) for i in range(1, count) if _whole(stats[i], rgb.shape) and stats[i][4] > 60]


def _whole(stat, shape):
    x, y, width, height = stat[:4]
    return x > 1 and y > 1 and x + width < shape[1] - 1 and y + height < shape[0] - 1


def _found(x, y, width, height) -> Face:
    seen = face(Box(float(x), float(y), float(x + width), float(y + height)))
    if height >= 2 * width:
        seen.landmarks[2, 0] = x + 0.98 * width
    return seen


class PaintedEmbedder:
    """Knows people by their tint; a photo's own grain makes two photos of one person alike, not equal."""

    def embed(self, crops):
        return np.stack([self._one(crop) for crop in crops])

    def _one(self, crop):
        middle = crop[40:90, 40:72].astype(float)
        tint = middle[:, :, 0].mean() - middle[:, :, 2].mean()
        name = min(TINTS, key=lambda who: abs(TINTS[who] - tint))
        grain = np.random.default_rng(int(middle.sum())).normal(size=64) * 0.05
        vector = (identity(name) + grain).astype(np.float32)
        return vector / np.float32(np.linalg.norm(vector))


MODELS = Models(PaintedDetector(), PaintedEmbedder(), "painted")


def block(who: str, size: tuple[int, int], light: int = 130, grain: int = 40, seed: int = 0) -> np.ndarray:
    """(h, w, 3) of a person's face; grain 0 is flat."""
    # Patches, not pixels: they must outlive the shrinking of a large face.
    patches = np.random.default_rng(seed).integers(-grain, grain, (24, 20), endpoint=True) + light
    texture = cv2.resize(patches.astype(np.float32), size, interpolation=cv2.INTER_NEAREST)
    tint = TINTS[who] / 2
    return np.stack([texture + tint, texture, texture - tint], axis=2).clip(0, 255).astype(np.uint8)


def scene(*faces: tuple[str, int, tuple[int, int]], size=(640, 384), **looks) -> np.ndarray:
    """(h, w, 3): green, with (who, left edge, (width, height)) blocks in the middle of its height."""
    canvas = np.full((size[1], size[0], 3), GREEN, np.uint8)
    for who, left, (width, height) in faces:
        top = (size[1] - height) // 2
        canvas[top : top + height, left : left + width] = block(who, (width, height), **looks)
    return canvas


def saved(path: Path, rgb: np.ndarray) -> Path:
    """The picture as a file, in the format of its suffix."""
    from PIL import Image

    Image.fromarray(rgb).save(path)
    return path


def photo(path: Path, who: str, seed: int = 0) -> Path:
    """A good photo of one person."""
    return saved(path, scene((who, 200, (160, 200)), seed=seed))

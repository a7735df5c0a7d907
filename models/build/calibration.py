"""Pictures to find the ranges of int8 with: photos cut, scaled, mirrored and lit in many ways."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


def photos(paths: list[Path]) -> list[Image]:
    """RGB photos, in order; files that are no pictures are passed over."""
    images = [cv2.imread(str(path)) for path in paths if path.suffix.lower() in SUFFIXES]
    return [np.ascontiguousarray(image[:, :, ::-1]) for image in images if image is not None]


def relit(image: Image, random: np.random.Generator) -> Image:
    """The picture brighter or darker, harder or softer, sometimes mirrored."""
    gain, gamma = random.uniform(0.5, 1.25), random.uniform(0.7, 1.5)
    lit = np.clip(255 * gain * (image / 255.0) ** gamma, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(lit[:, ::-1] if random.random() < 0.5 else lit)


def patch(image: Image, width: int, height: int, random: np.random.Generator) -> Image:
    """A part of the photo of that size, after scaling it so that faces of all sizes turn up."""
    least = max(width / image.shape[1], height / image.shape[0])
    scale = least * float(np.exp(random.uniform(0, np.log(3))))
    size = (max(round(image.shape[1] * scale), width), max(round(image.shape[0] * scale), height))
    scaled = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    x, y = random.integers(0, size[0] - width + 1), random.integers(0, (size[1] - height) // 2 + 1)
    return np.asarray(scaled[y : y + height, x : x + width])


def pictures(sources: list[Image], width: int, height: int, count: int, seed: int = 1) -> list[Image]:
    """`count` pictures of width x height, each a mosaic of 1, 4 or 16 patches of photos."""
    random = np.random.default_rng(seed)
    made = []
    for index in range(count):
        parts = (1, 2, 4)[index % 3]
        canvas = np.zeros((height, width, 3), np.uint8)
        w, h = width // parts, height // parts
        for cell in range(parts * parts):
            image = sources[int(random.integers(len(sources)))]
            row, column = divmod(cell, parts)
            canvas[row * h : (row + 1) * h, column * w : (column + 1) * w] = patch(image, w, h, random)
        made.append(relit(canvas, random))
    return made

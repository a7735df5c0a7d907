"""The strict level: a second network of another kind has as much of a say as the first in who is shown.

Its embedding stands beside the first one's, so that the similarity of two faces is the mean of what both say. What is
stored of the enrolled stays the first network's alone: the second looks at their crops when they are read.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.auditing import models
from appliance.core.faces import Embedding
from appliance.core.frames import RgbImage
from appliance.errors import ModelError
from appliance.faces import Embedder

FETCH = "`mofy models add strict` fetches it"
INPUT, OUTPUT = "data", "fc1"
HALF = np.float32(np.sqrt(0.5))


class SFace:
    """An Embedder (Zhong et al. 2021): 128 numbers a face."""

    def __init__(self) -> None:
        """Raises ModelError that says what to do when the model is missing."""
        try:
            file = models.path(models.SFACE)
        except ModelError:
            raise ModelError(f'certainty = "strict" needs the network SFace, which is not here; {FETCH}') from None
        self._net = cv2.dnn.readNetFromONNX(str(file))

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(n, 112, 112, 3) RGB to (n, 128) unit rows; raises ModelError when a row has no length."""
        rows = np.concatenate([self._one(crop) for crop in crops])
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not (np.isfinite(lengths).all() and (lengths > 1e-6).all()):
            raise ModelError("the second face embedder's output is not finite, or zero")
        return np.asarray(rows / lengths, np.float32)

    def _one(self, crop: RgbImage) -> NDArray[np.float32]:
        self._net.setInput(np.ascontiguousarray(crop.transpose(2, 0, 1)[None].astype(np.float32)), INPUT)
        return np.asarray(self._net.forward(OUTPUT), np.float32).reshape(1, -1)


class Joined:
    """An Embedder of both: cosines are the mean of the two networks' cosines."""

    def __init__(self, first: Embedder, second: Embedder) -> None:
        self._first, self._second = first, second

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(n, 112, 112, 3) RGB to unit rows; raises ModelError."""
        return np.asarray(np.hstack([self._first.embed(crops), self._second.embed(crops)]) * HALF, np.float32)


class Widener:
    """Makes stored embeddings comparable with joined ones. Remembers, in memory only, by the id of what is stored."""

    def __init__(self, second: Embedder) -> None:
        self._second = second
        self._seen: dict[str, Embedding] = {}

    def __call__(self, number: str, embedding: Embedding, crop: Callable[[], RgbImage]) -> Embedding:
        """The stored embedding beside the second network's of the crop and its mirror image, at length 1."""
        if number not in self._seen:
            own = crop()
            both = self._second.embed(np.stack([own, own[:, ::-1]])).sum(axis=0)
            self._seen[number] = np.asarray(both / np.linalg.norm(both), np.float32)
        return np.asarray(np.concatenate([embedding, self._seen[number]]) * HALF, np.float32)

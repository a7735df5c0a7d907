"""One file per network family: what goes into it and what its numbers mean, over any runtime.

Each has `build(model: ModelFile, runtime: Runtime, ...)`, which returns a Detector or an Embedder.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from appliance.core.faces import Face


class Detector(Protocol):
    """Finds faces in a picture of one fixed size."""

    @property
    def input_size(self) -> tuple[int, int]:
        """(width, height) in pixels."""

    def detect(self, rgb: NDArray[np.uint8]) -> list[Face]:
        """Faces of an (h, w, 3) picture in its pixels, surest first; raises ModelError on nonsense."""


class Embedder(Protocol):
    """Turns aligned crops into embeddings of one model."""

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(n, 112, 112, 3) RGB to (n, d) rows of unit length; raises ModelError when the model answers nonsense."""

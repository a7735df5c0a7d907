"""MobileFaceNet: embeddings of upright 112x112 face crops (Chen et al., CCBR 2018)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from appliance.errors import ModelError
from appliance.faces._pixels import to_input
from appliance.model_files import ModelFile
from appliance.runtimes import Runtime


class MobileFaceNet:
    """An Embedder."""

    def __init__(self, model: ModelFile, runtime: Runtime) -> None:
        """Raises ModelError when the runtime's tensors are not those of an embedder."""
        (spec,), (self._output,) = runtime.inputs, runtime.outputs
        self._dimensions = self._output.shape[-1]
        self._runtime = runtime
        self._to_input = to_input(spec, model.mean, model.std)

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(n, 112, 112, 3) RGB to (n, d) rows of unit length; raises ModelError when a row has no length."""
        rows = np.empty((len(crops), self._dimensions), np.float32)
        for row, crop in zip(rows, crops):
            row[:] = self._output.real(self._runtime.run(self._to_input(crop[None]))[0])[0]
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not (np.isfinite(lengths).all() and (lengths > 1e-6).all()):
            raise ModelError("the face embedder's output is not finite, or zero")
        return np.asarray(rows / lengths, np.float32)


def build(model: ModelFile, runtime: Runtime) -> MobileFaceNet:
    """An embedder of one model."""
    return MobileFaceNet(model, runtime)

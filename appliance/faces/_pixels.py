"""Bytes of a picture to what a network's input stores, the shortest way its precision allows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from appliance.errors import ModelError
from appliance.runtimes import Tensor, TensorSpec

Bytes = NDArray[np.uint8]


def stored_levels(spec: TensorSpec, mean: float, std: float) -> NDArray[np.int8]:
    """(256,) what an int8 input stores for each byte b, which stands for (b - mean) / std."""
    real = (np.arange(256) - mean) / std
    stored = np.floor(real / spec.scale + spec.zero_point + 0.5)
    return np.asarray(np.clip(stored, -128, 127), np.int8)


def to_input(spec: TensorSpec, mean: float, std: float) -> Callable[[Bytes], Tensor]:
    """A function from (..., 3) bytes to the stored input of the same shape; raises ModelError for an unknown dtype."""
    if spec.dtype == np.float32:
        offset, factor = np.float32(-mean / std), np.float32(1 / std)
        if float(offset) == 0.0 and float(factor) == 1.0:
            return lambda pixels: pixels.astype(np.float32)
        return lambda pixels: pixels * factor + offset
    if spec.dtype != np.int8:
        raise ModelError(f"a network that takes {spec.dtype} is not supported: float32 or int8 was expected")
    levels = stored_levels(spec, mean, std)
    if np.array_equal(levels, np.arange(-128, 128)):
        return lambda pixels: np.bitwise_xor(pixels, np.uint8(0x80)).view(np.int8)
    return lambda pixels: levels[pixels]

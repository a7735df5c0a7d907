"""Runtimes run a network: tensors in, tensors out, nothing of faces.

Each has `build(path, threads) -> Runtime`, and `is_built(path)`, which is False when that would take minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Tensor = NDArray[Any]


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One input or output: pictures and maps are (1, h, w, channels); real value = (stored - zero_point) * scale."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    scale: float = 1.0
    zero_point: int = 0

    @property
    def quantised(self) -> bool:
        """True when the stored values are whole numbers."""
        return bool(np.issubdtype(self.dtype, np.integer))

    def real(self, stored: Tensor) -> NDArray[np.float32]:
        """Stored values as float32; a quantised tensor's are new memory."""
        if not self.quantised:
            return stored.astype(np.float32, copy=False)
        real: NDArray[np.float32] = (stored.astype(np.float32) - np.float32(self.zero_point)) * np.float32(self.scale)
        return real

    def stored(self, real: float) -> float:
        """The stored value of a real one, not rounded nor clipped: to compare stored values with a threshold."""
        return real / self.scale + self.zero_point


class Runtime(Protocol):
    """One loaded network of fixed shapes. For one thread at a time."""

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """What it takes."""

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """What it gives, in the order of `run`, sorted by name."""

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """Stored outputs for a tensor of the one input's shape and dtype; the caller owns them. Raises ModelError."""

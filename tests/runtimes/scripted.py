"""A runtime that answers what a test tells it to; it keeps the contract of the real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from appliance.errors import ModelError
from appliance.runtimes import Tensor, TensorSpec


class ScriptedRuntime:
    """`answer` gets the input tensor and returns the outputs in the order of the specs."""

    def __init__(
        self, takes: TensorSpec, gives: Sequence[TensorSpec], answer: Callable[[Tensor], Sequence[Tensor]]
    ) -> None:
        self.inputs = (takes,)
        self.outputs = tuple(sorted(gives, key=lambda spec: spec.name))
        self._answer = answer

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """Copies of the scripted outputs; raises ModelError when shape or dtype are not the input's."""
        (spec,) = self.inputs
        if tensor.shape != spec.shape or tensor.dtype != spec.dtype:
            raise ModelError(f"the network could not run: {tensor.shape} {tensor.dtype}, expected {spec}")
        return tuple(output.copy() for output in self._answer(tensor))

"""An ONNX file run by ONNX Runtime: what TensorRT makes of it, but for the order of sums and half precision."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from appliance.runtimes import Tensor, TensorSpec


class OnnxFile:
    """A Runtime; see there. QuantizeLinear and DequantizeLinear are carried out as they stand."""

    def __init__(self, path: Path) -> None:
        try:
            import onnxruntime
        except ImportError:
            sys.exit("not measured: this needs ONNX Runtime, which no box does: pip install onnxruntime")
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.inputs = tuple(_spec(value) for value in self._session.get_inputs())
        self.outputs = tuple(sorted(map(_spec, self._session.get_outputs()), key=lambda spec: spec.name))

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """Stored outputs."""
        return tuple(self._session.run([spec.name for spec in self.outputs], {self.inputs[0].name: tensor}))


def _spec(value) -> TensorSpec:
    return TensorSpec(value.name, tuple(value.shape), np.dtype(np.float32))

"""LiteRT (TensorFlow Lite) on the CPU, through XNNPACK."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from appliance.errors import ModelError
from appliance.runtimes import Tensor, TensorSpec

GREETING = b"INFO: Created TensorFlow Lite XNNPACK delegate"
"""What the library says to stderr at every start, and offers no switch for."""


class TfliteRuntime:
    """A .tflite file with one signature and one input. For one thread at a time."""

    def __init__(self, interpreter: Any) -> None:
        """interpreter: an ai_edge_litert Interpreter whose tensors are allocated."""
        signature = interpreter.get_signature_runner()
        takes, gives = signature.get_input_details(), dict(sorted(signature.get_output_details().items()))
        self.inputs = tuple(_spec(name, details) for name, details in takes.items())
        self.outputs = tuple(_spec(name, details) for name, details in gives.items())
        self._interpreter = interpreter
        (self._input,) = (details["index"] for details in takes.values())
        self._outputs = [details["index"] for details in gives.values()]

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """Stored outputs, copies that the caller owns; raises ModelError when shape or dtype are not the input's."""
        try:
            self._interpreter.set_tensor(self._input, tensor)
            self._interpreter.invoke()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"the network could not run: {_one_line(error)}") from error
        return tuple(self._interpreter.get_tensor(index) for index in self._outputs)


def build(path: Path, threads: int = 1) -> TfliteRuntime:
    """Loads a .tflite file to run on `threads` cores (1 or more); raises ModelError when it cannot be loaded."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise ModelError("models need the package ai-edge-litert: run ./install.sh again") from error
    try:
        with _without_greeting():
            interpreter = Interpreter(model_path=str(path), num_threads=threads)
            interpreter.allocate_tensors()
            return TfliteRuntime(interpreter)
    except (ValueError, RuntimeError) as error:
        raise ModelError(f"{path}: not a model this machine can run: {_one_line(error)}") from error


def is_built(path: Path) -> bool:
    """Always: nothing is built for the machine."""
    return True


def _spec(name: str, details: Mapping[str, Any]) -> TensorSpec:
    scales, zero_points = (details["quantization_parameters"][key] for key in ("scales", "zero_points"))
    shape, dtype = tuple(int(side) for side in details["shape"]), np.dtype(details["dtype"])
    if len(scales) == 0:
        return TensorSpec(name, shape, dtype)
    return TensorSpec(name, shape, dtype, float(scales[0]), int(zero_points[0]))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


@contextmanager
def _without_greeting() -> Iterator[None]:
    """Holds back what native code writes to stderr's descriptor, and gives out all but the greeting afterwards."""
    sys.stderr.flush()
    real = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(real, 2)
            os.close(real)
            held.seek(0)
            for line in held:
                if not line.startswith(GREETING):
                    os.write(2, line)

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


DELEGATE = "DELEGATE"
"""What the library calls a run of operations that something else computes."""


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
    return TfliteRuntime(_interpreter(path, threads))


def delegation(path: Path) -> str:
    """Which of its operations XNNPACK, the quick way on a CPU, takes on this machine; raises ModelError as `build`."""
    interpreter = _interpreter(path, 1)
    # Listed are all operations of the file, and after them a DELEGATE for each run of them that was taken together.
    operations = interpreter._get_ops_details()
    pieces = [one for one in operations if one["op_name"] == DELEGATE]
    left = sum(one["op_name"] != DELEGATE for one in operations)
    if not pieces:
        return f"XNNPACK takes none of its {left} operations"
    given = {index for one in pieces for index in one["outputs"]}
    wanted = {details["index"] for details in interpreter.get_output_details()}
    fed = {details["index"] for details in interpreter.get_input_details()}
    if len(pieces) == 1 and wanted <= given and fed <= set(pieces[0]["inputs"]):
        return f"XNNPACK takes all of its {left} operations, in one piece"
    return f"XNNPACK takes its {left} operations in {len(pieces)} pieces, and leaves what lies between"


def _interpreter(path: Path, threads: int) -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise ModelError("models need the package ai-edge-litert: run ./install.sh again") from error
    try:
        with _without_greeting():
            interpreter = Interpreter(model_path=str(path), num_threads=threads)
            interpreter.allocate_tensors()
            return interpreter
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

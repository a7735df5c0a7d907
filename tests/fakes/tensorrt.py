"""TensorRT without a GPU: the calls we make, with its published names and order, over OpenCV's own ONNX reader.

Names and refusals as documented for TensorRT 8.6 and 10.3 (JetPack 6.0 and 6.1); the GPU's addresses are ours.
"""

from __future__ import annotations

import ctypes
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np

from appliance import model_files


class Bench:
    """What a test can do to the GPU, and see of it."""

    def __init__(self, version: str = "10.3.0") -> None:
        self.version = version
        self.built = 0
        self.flags: set[str] = set()
        self.refuses = False
        self.weakly_typed = True


class FakeCuda:
    """As runtimes._cuda.Cuda: memory is the processor's, and a stream runs what is in it when it is waited for."""

    def __init__(self) -> None:
        self._arrays: list[np.ndarray] = []

    def chip(self) -> str:
        return "sm87"

    def shared(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> tuple[np.ndarray, int]:
        self._arrays.append(np.zeros(shape, dtype))
        return self._arrays[-1], self._arrays[-1].ctypes.data

    def stream(self) -> int:
        return id(self)

    def wait(self, stream: int) -> None:
        assert stream == id(self)
        while PENDING:
            PENDING.pop(0)()


PENDING: list[Any] = []


def module(bench: Bench) -> SimpleNamespace:
    """What `import tensorrt` gives on that bench."""

    class Engine:
        def __init__(self, onnx: bytes) -> None:
            self.net = cv2.dnn.readNetFromONNX(np.frombuffer(onnx, np.uint8))
            (row,) = (one for one in model_files.models() if _is(one, onnx))
            self._tensors: dict[str, tuple[int, ...]] = {"input": (1, row.height, row.width, 3)}
            self.net.setInput(np.zeros(self._tensors["input"], np.float32))
            names = self.net.getUnconnectedOutLayersNames()
            for name, output in zip(names, self.net.forward(names)):
                self._tensors[name] = output.shape

        @property
        def num_io_tensors(self) -> int:
            return len(self._tensors)

        def get_tensor_name(self, index: int) -> str:
            return list(self._tensors)[index]

        def get_tensor_mode(self, name: str) -> str:
            return "INPUT" if name == "input" else "OUTPUT"

        def get_tensor_shape(self, name: str) -> tuple[int, ...]:
            return self._tensors[name]

        def get_tensor_dtype(self, name: str) -> str:
            return "FLOAT"

        def create_execution_context(self) -> Context:
            return Context(self)

    class Context:
        def __init__(self, engine: Engine) -> None:
            self._engine = engine
            self._addresses: dict[str, int] = {}

        def set_tensor_address(self, name: str, memory: int) -> bool:
            assert isinstance(memory, int)
            self._addresses[name] = memory
            return True

        def execute_async_v3(self, stream_handle: int) -> bool:
            if bench.refuses or set(self._addresses) != set(self._engine._tensors):
                return False
            PENDING.append(self._work)
            return True

        def _work(self) -> None:
            engine = self._engine
            engine.net.setInput(self._at("input").copy())
            names = engine.net.getUnconnectedOutLayersNames()
            for name, output in zip(names, engine.net.forward(names)):
                self._at(name)[...] = output

        def _at(self, name: str) -> np.ndarray:
            shape = self._engine._tensors[name]
            memory = (ctypes.c_float * int(np.prod(shape))).from_address(self._addresses[name])
            return np.frombuffer(memory, np.float32).reshape(shape)

    class Runtime:
        def __init__(self, logger: Any) -> None: ...

        def deserialize_cuda_engine(self, serialized_engine: bytes) -> Engine | None:
            head, _, onnx = serialized_engine.partition(b"\n")
            return Engine(onnx) if head == bench.version.encode() else None

    class Parser:
        def __init__(self, network: Any, logger: Any) -> None:
            self._network, self._errors = network, []

        num_errors = property(lambda self: len(self._errors))

        def get_error(self, index: int) -> Any:
            return SimpleNamespace(desc=lambda: self._errors[index])

        def parse(self, model: bytes) -> bool:
            assert isinstance(model, bytes)
            try:
                cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
            except cv2.error:
                self._errors.append("Failed to parse the ModelProto")
                return False
            self._network.onnx = model
            return True

    class Builder:
        def __init__(self, logger: Any) -> None: ...

        def create_network(self, flags: int = 0) -> Any:
            assert flags in (0, 1)
            assert flags == 1 or not bench.version.startswith("8."), "implicit batch: the parser would refuse"
            return SimpleNamespace(onnx=None)

        def create_builder_config(self) -> Any:
            return SimpleNamespace(set_memory_pool_limit=_pool, set_flag=bench.flags.add)

        def build_serialized_network(self, network: Any, config: Any) -> bytes | None:
            bench.built += 1
            return None if bench.refuses else bench.version.encode() + b"\n" + network.onnx

    def _pool(pool: str, size: int) -> None:
        assert pool == "WORKSPACE"
        assert size > 0

    class Logger:
        ERROR = 1

        def __init__(self, min_severity: int = 2) -> None: ...

    creation = SimpleNamespace(EXPLICIT_BATCH=0) if int(bench.version.split(".")[0]) <= 10 else SimpleNamespace()
    return SimpleNamespace(
        __version__=bench.version, Logger=Logger, Runtime=Runtime, Builder=Builder, OnnxParser=Parser,
        NetworkDefinitionCreationFlag=creation, MemoryPoolType=SimpleNamespace(WORKSPACE="WORKSPACE"),
        BuilderFlag=SimpleNamespace(FP16="FP16") if bench.weakly_typed else SimpleNamespace(),
        TensorIOMode=SimpleNamespace(INPUT="INPUT", OUTPUT="OUTPUT"), nptype=lambda dtype: {"FLOAT": np.float32}[dtype],
    )  # fmt: skip


def _is(row: Any, onnx: bytes) -> bool:
    return row.file.endswith(".onnx") and model_files.path(row).read_bytes() == onnx

"""TensorRT without a GPU: the calls we make, with its published names and order, over OpenCV's own ONNX reader.

Names and refusals as of TensorRT 8.6, 10.3 (JetPack 6.0 and 6.1) and 11; tests/contracts compares it with the published
bindings. The GPU's addresses are ours.
"""

from __future__ import annotations

import ctypes
import threading
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
        self.fast_int8 = True
        self.may_build: threading.Event | None = None
        """Building waits for it; where there is none it takes no time."""

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])


class FakeCuda:
    """As runtimes._cuda.Cuda: memory is the processor's, and a stream runs what is in it when it is waited for."""

    def __init__(self) -> None:
        self._arrays: list[np.ndarray] = []

    def chip(self) -> str:
        return "sm87x8"

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

    class ICudaEngine:
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

        def create_execution_context(self) -> IExecutionContext:
            return IExecutionContext(self)

    class IExecutionContext:
        def __init__(self, engine: ICudaEngine) -> None:
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

        def deserialize_cuda_engine(self, serialized_engine: bytes) -> ICudaEngine | None:
            head, _, onnx = serialized_engine.partition(b"\n")
            return ICudaEngine(onnx) if head == bench.version.encode() else None

    class OnnxParser:
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

    class INetworkDefinition:
        def __init__(self) -> None:
            self.onnx = b""

        @property
        def num_layers(self) -> int:
            return len(self._kinds)

        def get_layer(self, index: int) -> Any:
            return SimpleNamespace(type=self._kinds[index])

        @property
        def _kinds(self) -> list[str]:
            return ["CONVOLUTION", *(["QUANTIZE", "DEQUANTIZE"] if b"QuantizeLinear" in self.onnx else [])]

    class IBuilderConfig:
        def set_memory_pool_limit(self, pool: str, pool_size: int) -> None:
            assert pool == "WORKSPACE"
            assert pool_size > 0

        def set_flag(self, flag: str) -> None:
            bench.flags.add(flag)

    class Builder:
        def __init__(self, logger: Any) -> None: ...

        if bench.major < 11:
            platform_has_fast_int8 = property(lambda self: bench.fast_int8)

        def create_network(self, flags: int = 0) -> INetworkDefinition:
            assert flags in (0, 1)
            assert flags == 1 or bench.major > 8, "implicit batch: the parser would refuse"
            return INetworkDefinition()

        def create_builder_config(self) -> IBuilderConfig:
            return IBuilderConfig()

        def build_serialized_network(self, network: INetworkDefinition, config: IBuilderConfig) -> bytes | None:
            if bench.may_build is not None:
                assert bench.may_build.wait(60)
            bench.built += 1
            wants_int8 = bench.major < 11 and b"QuantizeLinear" in network.onnx
            allowed = not wants_int8 or "INT8" in bench.flags
            return bench.version.encode() + b"\n" + network.onnx if allowed and not bench.refuses else None

    class Logger:
        ERROR = 1

        def __init__(self, min_severity: int = 2) -> None: ...

    return SimpleNamespace(
        __version__=bench.version, Logger=Logger, Runtime=Runtime, Builder=Builder, OnnxParser=OnnxParser,
        INetworkDefinition=INetworkDefinition, IBuilderConfig=IBuilderConfig, ICudaEngine=ICudaEngine,
        IExecutionContext=IExecutionContext, nptype=lambda dtype: {"FLOAT": np.float32}[dtype], **_words(bench.major),
    )  # fmt: skip


def _words(major: int) -> dict[str, SimpleNamespace]:
    """The enumerations, by what each version still has."""
    has: dict[str, tuple[str, ...]] = {
        "MemoryPoolType": ("WORKSPACE",),
        "TensorIOMode": ("INPUT", "OUTPUT"),
        "LayerType": ("CONVOLUTION", "QUANTIZE", "DEQUANTIZE"),
        "BuilderFlag": ("FP16", "INT8") if major < 11 else (),
    }
    flags = SimpleNamespace(EXPLICIT_BATCH=0) if major < 11 else SimpleNamespace()
    words = {name: SimpleNamespace(**{word: word for word in values}) for name, values in has.items()}
    return {**words, "NetworkDefinitionCreationFlag": flags}


def _is(row: Any, onnx: bytes) -> bool:
    return row.file.endswith(".onnx") and model_files.path(row).read_bytes() == onnx

"""TensorRT on a Jetson's GPU: an engine built on the very board from the shipped ONNX, and kept."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from appliance.errors import ModelError
from appliance.runtimes import Tensor, TensorSpec

WORKSPACE_BYTES = 256 << 20
"""What building may try kernels with; an Orin Nano shares 8 GB with everything else."""


class TensorRtRuntime:
    """An engine of static shapes with one input, its own stream and memory that the GPU shares. For one thread."""

    def __init__(self, trt: Any, engine: Any, cuda: Any) -> None:
        """trt: the module tensorrt; engine: deserialised; cuda: as runtimes._cuda.Cuda."""
        names = [engine.get_tensor_name(index) for index in range(engine.num_io_tensors)]
        takes = [name for name in names if engine.get_tensor_mode(name) == trt.TensorIOMode.INPUT]
        gives = sorted(set(names) - set(takes))
        self.inputs = tuple(_spec(trt, engine, name) for name in takes)
        self.outputs = tuple(_spec(trt, engine, name) for name in gives)
        self._cuda = cuda
        self._engine = engine  # the context uses it, and does not keep it
        self._context = engine.create_execution_context()
        self._stream = cuda.stream()
        memory = {spec.name: cuda.shared(spec.shape, spec.dtype) for spec in (*self.inputs, *self.outputs)}
        for name, (_, address) in memory.items():
            self._context.set_tensor_address(name, address)
        (self._input,) = (memory[spec.name][0] for spec in self.inputs)
        self._outputs = [memory[spec.name][0] for spec in self.outputs]

    def run(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """Stored outputs, copies that the caller owns; raises ModelError when shape or dtype are not the input's."""
        if tensor.shape != self._input.shape or tensor.dtype != self._input.dtype:
            raise ModelError(
                f"the network could not run: {self._input.shape} of {self._input.dtype} was expected, "
                f"got {tensor.shape} of {tensor.dtype}"
            )
        self._input[...] = tensor
        if not self._context.execute_async_v3(self._stream):
            raise ModelError("the network could not run: TensorRT refused it")
        self._cuda.wait(self._stream)
        return tuple(output.copy() for output in self._outputs)


def build(path: Path, threads: int = 1) -> TensorRtRuntime:
    """The engine of an ONNX file, built now if this board has none yet (minutes); raises ModelError.

    threads: not needed, the GPU has its own.
    """
    trt = _library()
    from appliance.runtimes._cuda import Cuda

    cuda = Cuda()
    logger = trt.Logger(trt.Logger.ERROR)
    runtime = trt.Runtime(logger)
    kept = _kept(path, f"{trt.__version__}-{cuda.chip()}")
    engine = runtime.deserialize_cuda_engine(kept.read_bytes()) if kept.is_file() else None
    if engine is None:
        plan = _built(trt, logger, path)
        _keep(kept, plan)
        engine = runtime.deserialize_cuda_engine(plan)
    if engine is None:
        raise ModelError(f"{path}: TensorRT built an engine that it cannot load; JetPack may be half updated")
    return TensorRtRuntime(trt, engine, cuda)


def _built(trt: Any, logger: Any, path: Path) -> bytes:
    builder = trt.Builder(logger)
    network = builder.create_network(_flags(trt))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(path.read_bytes()):
        told = "; ".join(parser.get_error(index).desc() for index in range(parser.num_errors))
        raise ModelError(f"{path}: TensorRT cannot read it: {told}")
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, WORKSPACE_BYTES)
    # Half precision where weak typing still exists (to TensorRT 10); later versions follow the file's own types.
    if hasattr(trt.BuilderFlag, "FP16"):
        config.set_flag(trt.BuilderFlag.FP16)
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise ModelError(f"{path}: TensorRT cannot build an engine for this GPU; is there memory to spare?")
    return bytes(plan)


def _flags(trt: Any) -> int:
    """TensorRT 8 must be told that the batch is a dimension; later versions know nothing else."""
    explicit = getattr(trt.NetworkDefinitionCreationFlag, "EXPLICIT_BATCH", None)
    return 0 if explicit is None else 1 << int(explicit)


def _spec(trt: Any, engine: Any, name: str) -> TensorSpec:
    shape = tuple(int(side) for side in engine.get_tensor_shape(name))
    if any(side < 1 for side in shape):
        raise ModelError(f"{name}: has no fixed shape {shape}; the models that ship have")
    return TensorSpec(name, shape, np.dtype(trt.nptype(engine.get_tensor_dtype(name))))


def _kept(path: Path, version: str) -> Path:
    """Where the engine of this very file, TensorRT and chip lies: another of any of them is another engine."""
    import platformdirs

    checksum = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    return platformdirs.user_cache_path("mofy") / "engines" / f"{path.stem}-{checksum}-{version}.engine"


def _keep(kept: Path, plan: bytes) -> None:
    """Without room for it the engine is built again at the next start; nothing else is lost."""
    draft = kept.with_name(f".{kept.name}.{os.getpid()}")
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(plan)
        draft.replace(kept)
    except OSError:
        with suppress(OSError):
            draft.unlink()


def _library() -> Any:
    try:
        import tensorrt
    except ImportError as error:
        raise ModelError(f"TensorRT is not installed ({error}); JetPack brings it as python3-libnvinfer") from None
    return tensorrt

"""TensorRT on a Jetson's GPU: an engine built on the very board from the shipped ONNX, and kept.

A file with QuantizeLinear nodes has its scales in it: TensorRT 8.6 to 11 make int8 of it, nothing is calibrated here.
Every other file becomes half precision.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from appliance import boards
from appliance.errors import ChipError, ModelError
from appliance.runtimes import Tensor, TensorSpec
from appliance.runtimes import _kept as kept

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
    """The engine of an ONNX file, built now if this board has none yet (minutes).

    Raises ModelError; ChipError where the file wants int8 and the chip has none. threads: the GPU has its own.
    """
    trt = _library()
    from appliance.runtimes._cuda import Cuda

    cuda = Cuda()
    logger = trt.Logger(trt.Logger.ERROR)
    runtime = trt.Runtime(logger)
    place = _place(path, trt, cuda)
    plan = kept.read(place)
    engine = None if plan is None else runtime.deserialize_cuda_engine(plan)
    if engine is None:
        plan = _built(trt, logger, path)
        kept.write(place, plan)
        engine = runtime.deserialize_cuda_engine(plan)
    if engine is None:
        raise ModelError(f"{path}: TensorRT built an engine that it cannot load; JetPack may be half updated")
    return TensorRtRuntime(trt, engine, cuda)


def is_built(path: Path) -> bool:
    """True when `build` will not have to build; raises ModelError where there is no TensorRT at all."""
    trt = _library()
    from appliance.runtimes._cuda import Cuda

    return kept.read(_place(path, trt, Cuda())) is not None


def _place(path: Path, trt: Any, cuda: Any) -> Path:
    return kept.place(path, f"{trt.__version__}-{cuda.chip()}", boards.board())


def _built(trt: Any, logger: Any, path: Path) -> bytes:
    builder = trt.Builder(logger)
    network = builder.create_network(_flags(trt))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(path.read_bytes()):
        told = "; ".join(parser.get_error(index).desc() for index in range(parser.num_errors))
        raise ModelError(f"{path}: TensorRT cannot read it: {told}")
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, WORKSPACE_BYTES)
    for flag in _precisions(trt, builder, _is_int8(trt, network), path):
        config.set_flag(flag)
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise ModelError(f"{path}: TensorRT cannot build an engine for this GPU; is there memory to spare?")
    return bytes(plan)


def _precisions(trt: Any, builder: Any, is_int8: bool, path: Path) -> list[Any]:
    """What TensorRT to version 10 must be allowed; later ones have no such flags, and follow the file's own types."""
    # Nor do they ask: every chip that they run on has int8.
    if is_int8 and not getattr(builder, "platform_has_fast_int8", True):
        raise ChipError(f"{path}: this GPU has no int8; choose the model's float form in [faces]")
    names = ("FP16", "INT8") if is_int8 else ("FP16",)
    return [getattr(trt.BuilderFlag, name) for name in names if hasattr(trt.BuilderFlag, name)]


def _is_int8(trt: Any, network: Any) -> bool:
    layers = (network.get_layer(index) for index in range(network.num_layers))
    return any(layer.type == trt.LayerType.QUANTIZE for layer in layers)


def _flags(trt: Any) -> int:
    """TensorRT 8 must be told that the batch is a dimension; later versions know nothing else."""
    explicit = getattr(trt.NetworkDefinitionCreationFlag, "EXPLICIT_BATCH", None)
    return 0 if explicit is None else 1 << int(explicit)


def _spec(trt: Any, engine: Any, name: str) -> TensorSpec:
    shape = tuple(int(side) for side in engine.get_tensor_shape(name))
    if any(side < 1 for side in shape):
        raise ModelError(f"{name}: has no fixed shape {shape}; the models that ship have")
    return TensorSpec(name, shape, np.dtype(trt.nptype(engine.get_tensor_dtype(name))))


def _library() -> Any:
    try:
        import tensorrt
    except ImportError as error:
        raise ModelError(f"TensorRT is not installed ({error}); JetPack brings it as python3-libnvinfer") from None
    return tensorrt

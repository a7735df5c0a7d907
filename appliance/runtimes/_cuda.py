"""The few calls of the CUDA runtime that a network needs, from the library that JetPack brings."""

from __future__ import annotations

import ctypes
import ctypes.util
from typing import Any

import numpy as np

from appliance.errors import ModelError

MAPPED = 2
"""cudaHostAllocMapped: memory that processor and GPU share; on a Jetson it is the same chips, and nothing is copied."""

MAJOR, MINOR, PROCESSORS = 75, 76, 16
"""cudaDevAttrComputeCapabilityMajor, -Minor and cudaDevAttrMultiProcessorCount."""


class Cuda:
    """CUDA's runtime library. Every call raises ModelError with CUDA's own words."""

    def __init__(self) -> None:
        self._library = _loaded()
        self._library.cudaGetErrorString.restype = ctypes.c_char_p

    def chip(self) -> str:
        """The GPU's compute capability and how many processors it has, such as "sm87x8"."""
        numbers = []
        for attribute in (MAJOR, MINOR, PROCESSORS):
            value = ctypes.c_int()
            self._call("cudaDeviceGetAttribute", ctypes.byref(value), ctypes.c_int(attribute), ctypes.c_int(0))
            numbers.append(value.value)
        return "sm{}{}x{}".format(*numbers)

    def shared(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> tuple[np.ndarray[Any, Any], int]:
        """An array that both sides see, and the address at which the GPU sees it; lives as long as the process."""
        count = int(np.prod(shape))
        size = count * dtype.itemsize
        host, device = ctypes.c_void_p(), ctypes.c_void_p()
        self._call("cudaHostAlloc", ctypes.byref(host), ctypes.c_size_t(size), ctypes.c_uint(MAPPED))
        self._call("cudaHostGetDevicePointer", ctypes.byref(device), host, ctypes.c_uint(0))
        memory = memoryview((ctypes.c_byte * size).from_address(host.value or 0)).cast("B")
        return np.frombuffer(memory, dtype, count).reshape(shape), device.value or 0

    def stream(self) -> int:
        """A queue of work of its own."""
        handle = ctypes.c_void_p()
        self._call("cudaStreamCreate", ctypes.byref(handle))
        return handle.value or 0

    def wait(self, stream: int) -> None:
        """Until everything in the queue is done."""
        self._call("cudaStreamSynchronize", ctypes.c_void_p(stream))

    def _call(self, name: str, *arguments: Any) -> None:
        code = getattr(self._library, name)(*arguments)
        if code:
            words = self._library.cudaGetErrorString(code)
            raise ModelError(f"{name}: {words.decode(errors='replace') if words else f'error {code}'}")


def _loaded() -> Any:
    usual = "/usr/local/cuda/lib64/libcudart.so"
    names = (ctypes.util.find_library("cudart"), "libcudart.so.12", "libcudart.so", usual)
    for name in filter(None, names):
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    raise ModelError("CUDA's runtime library (libcudart) is not installed; on a Jetson JetPack brings it")

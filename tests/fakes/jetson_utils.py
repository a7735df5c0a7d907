"""jetson-utils without a Jetson: the part of its interface that we use, with its C bindings' own argument names.

Written from python/bindings/{PyVideo,PyCUDA,PyNumpy}.cpp of jetson-utils, October 2025; its calls take no other names.
"""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import numpy as np

OPTIONS = {
    "resource", "save", "width", "height", "bitrate", "numBuffers", "loop", "latency", "zeroCopy", "framerate",
    "stunServer", "sslCert", "sslKey", "codec", "codecType", "flipMethod",
}  # fmt: skip
"""What the bindings read of an options dict; the rest they ignore, and we must not rely on it."""

FLIPS = {
    "none", "counterclockwise", "rotate-180", "clockwise", "horizontal", "vertical", "upper-right-diagonal",
    "upper-left-diagonal",
}  # fmt: skip


class Bench:
    """What a test can do to the camera, and see of it."""

    def __init__(self) -> None:
        self.options: dict[str, Any] = {}
        self.address = ""
        self.present = True
        self.starts = True
        """Whether what is there can be streamed from."""
        self.silent = False
        self.broken = False
        self.open = 0
        self.rendered: list[np.ndarray] = []


def module(bench: Bench) -> SimpleNamespace:
    """What `import jetson_utils` gives on that bench."""

    class cudaImage:  # noqa: N801 - as published
        def __init__(
            self, width: int, height: int, format: str = "rgb8", timestamp: int = 0, mapped: bool = True
        ) -> None:
            self.width, self.height, self.format, self.timestamp, self.mapped = width, height, format, timestamp, mapped
            shape = {"rgb8": (height, width, 3), "i420": (1, 1, width * height * 3 // 2)}[format]
            self.memory, self.pending = np.zeros(shape, np.uint8), None

    class videoSource:  # noqa: N801
        def __init__(
            self,
            uri: str | None = None,
            argv: list[str] | None = None,
            positionArg: int = -1,  # noqa: N803
            options: dict[str, Any] | None = None,
        ) -> None:
            given = options or {}
            assert set(given) <= OPTIONS
            assert isinstance(given.get("framerate", 0.0), float)
            assert given.get("flipMethod", "none") in FLIPS
            if not bench.present:
                raise Exception("jetson.utils -- failed to create videoSource device")
            bench.address, bench.options = uri, given
            self.streaming, self.count = False, 0

        def Open(self) -> None:  # noqa: N802
            assert bench.starts, "the real one would crash: its binding raises here without Python's lock"
            if not self.streaming:
                self.streaming = True
                bench.open += 1

        def Close(self) -> None:  # noqa: N802
            if self.streaming:
                self.streaming = False
                bench.open -= 1

        def IsStreaming(self) -> bool:  # noqa: N802
            return self.streaming

        def Capture(self, format: str = "rgb8", timeout: int = 1000, stream: int = 0) -> cudaImage | None:  # noqa: N802
            assert isinstance(timeout, int)
            if bench.broken or not bench.starts:
                raise Exception("jetson.utils -- videoSource failed to capture image")
            self.Open()
            if bench.silent:
                time.sleep(timeout / 1000)
                return None
            frame_s = 1 / bench.options["framerate"]
            time.sleep(frame_s - time.monotonic() % frame_s)
            self.count += 1
            image = cudaImage(bench.options["width"], bench.options["height"], format)
            image.memory[:] = 16 + self.count % 200
            return image

    class videoOutput:  # noqa: N801
        def __init__(
            self,
            uri: str | None = None,
            argv: list[str] | None = None,
            positionArg: int = -1,  # noqa: N803
            options: dict[str, Any] | None = None,
        ) -> None:
            assert set(options or {}) <= OPTIONS
            if not bench.present:
                raise Exception("jetson.utils -- failed to create videoOutput device")
            self.streaming = True

        def GetWidth(self) -> int:  # noqa: N802
            return 1280

        def GetHeight(self) -> int:  # noqa: N802
            return 719

        def IsStreaming(self) -> bool:  # noqa: N802
            return self.streaming and not bench.broken

        def Render(self, image: cudaImage, stream: int = 0) -> None:  # noqa: N802
            # What the display takes: planes are refused by the real one too.
            assert image.format == "rgb8"
            if bench.silent:
                raise Exception("jetson.utils -- videoOutput failed to render image")
            bench.rendered.append(image.memory.copy())

        def Close(self) -> None:  # noqa: N802
            self.streaming = False

    def cudaAllocMapped(*, width: int, height: int, format: str) -> cudaImage:  # noqa: N802
        return cudaImage(width, height, format)

    def cudaConvertColor(input: cudaImage, output: cudaImage, stream: int = 0) -> None:  # noqa: N802
        assert (input.width, input.height) == (output.width, output.height)
        assert (input.format, output.format) == ("rgb8", "i420")
        output.pending = input.memory

    def cudaDeviceSynchronize() -> None:  # noqa: N802
        for image in pending_images:
            if image.pending is not None:
                rgb, image.pending = image.pending, None
                luma = image.width * image.height
                image.memory[..., :luma] = rgb[:, :, 1].reshape(-1)
                image.memory[..., luma : luma * 5 // 4] = 100
                image.memory[..., luma * 5 // 4 :] = 150

    def cudaToNumpy(array: cudaImage, width: int = 0, height: int = 1, depth: int = 1) -> np.ndarray:  # noqa: N802
        if not array.mapped:
            raise Exception("cudaToNumpy() needs to use CUDA mapped memory as input")
        return array.memory

    pending_images: list[cudaImage] = []

    def allocated(**given: Any) -> cudaImage:
        pending_images.append(cudaAllocMapped(**given))
        return pending_images[-1]

    return SimpleNamespace(
        videoSource=videoSource, videoOutput=videoOutput, cudaAllocMapped=allocated, cudaConvertColor=cudaConvertColor,
        cudaDeviceSynchronize=cudaDeviceSynchronize, cudaToNumpy=cudaToNumpy, cudaImage=cudaImage,
    )  # fmt: skip

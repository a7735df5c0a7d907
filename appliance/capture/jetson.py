"""Cameras on a Jetson's ribbon cable: by jetson-utils where NVIDIA's stack brings it, by GStreamer otherwise."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import numpy as np

from appliance import parts
from appliance.capture import NewStartError, _argus
from appliance.capture._memory import Memory
from appliance.capture._planes import copied
from appliance.capture._returning import Returning
from appliance.capture._returning import Running as Open
from appliance.core.frames import Frame, from_i420
from appliance.errors import CaptureError, InputError
from appliance.options import Camera

FLIPS = {0: "none", 90: "clockwise", 180: "rotate-180", 270: "counterclockwise"}
"""Rotation in degrees to jetson-utils' names."""


def build(source: str, camera: Camera, loop: bool = False, patient: bool = False) -> Returning:
    """Open "jetson", or "jetson:ADDRESS" with csi://N or v4l2:///dev/videoN; raises InputError or CaptureError."""
    return Returning(source, partial(running, source, camera), returns=True, patient=patient)


def running(source: str, camera: Camera) -> Open:
    """The camera, streaming; raises InputError where this is no Jetson, CaptureError for a fault, NewStartError."""
    if _argus.began_anew():
        raise NewStartError(f"{source}: the board's camera service was started anew, and this program must be, too")
    address = source.partition(":")[2] or "csi://0"
    library = _library()
    if library is None:
        opened: Open = parts.part("capture", "gstreamer").running(address, camera)
        return opened
    return Running(source, library, address, camera)


class Running:
    """A camera that streams into memory which processor and GPU share."""

    def __init__(self, told: str, library: Any, address: str, camera: Camera) -> None:
        """library: the module jetson_utils."""
        self._told = told
        self._library = library
        options = {
            "width": camera.width, "height": camera.height, "framerate": float(camera.fps),
            "flipMethod": FLIPS[camera.rotation], "zeroCopy": True,
        }  # fmt: skip
        try:
            # Its first Capture opens it: Open, where it fails, raises without holding Python's lock, and crashes.
            self._source = library.videoSource(address, options=options)
        except Exception as error:  # the library raises nothing more precise
            raise CaptureError(f"{told}: cannot be opened ({error})") from None
        self._planes: Any = None
        self._memory = Memory()

    def pull(self, timeout_s: float) -> Frame | None:
        """The newest picture; raises CaptureError."""
        try:
            # Not the raw picture: where the library was built with NVMM that lies in memory only the GPU can read.
            picture = self._source.Capture(format="rgb8", timeout=max(round(timeout_s * 1000), 1))
        except Exception as error:
            raise CaptureError(f"{self._told}: gives no picture ({error})") from None
        return None if picture is None else self._frame(picture)

    def stop(self) -> None:
        """Let go of the camera."""
        self._planes = None
        self._source.Close()

    def _frame(self, picture: Any) -> Frame:
        width, height = picture.width, picture.height
        if self._planes is None or (self._planes.width, self._planes.height) != (width, height):
            self._planes = self._library.cudaAllocMapped(width=width, height=height, format="i420")
        # The library's kernels undo each other: what the camera meant as black is 16 again.
        self._library.cudaConvertColor(picture, self._planes)
        self._library.cudaDeviceSynchronize()
        packed = np.asarray(self._library.cudaToNumpy(self._planes)).reshape(-1)
        luma, half = width * height, (width // 2) * (height // 2)
        strides = [width, width // 2, width // 2]
        data = copied(packed, width, height, [0, luma, luma + half], strides, self._memory)
        return from_i420(data, width, height, 0, time.monotonic())


def _library() -> Any | None:
    """jetson-utils; None where it is absent, InputError where another package of its name is installed."""
    try:
        import jetson_utils
    except ImportError:
        return None
    if not hasattr(jetson_utils, "videoSource"):
        raise InputError(
            "jetson_utils: is another package of that name; remove it with `pip uninstall jetson-utils` and "
            "build NVIDIA's from jetson-inference"
        )
    return jetson_utils

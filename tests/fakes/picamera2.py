"""Picamera2 without a camera: the part of its published interface that we use, as strict as the real one.

Every signature here is compared with the real package's source by tests/contracts/test_board_interfaces.py.
"""

from __future__ import annotations

import mmap
import threading
import time
from concurrent.futures import CancelledError, Future
from types import SimpleNamespace
from typing import Any

import numpy as np

CAMERAS = [
    {"Model": "imx708_wide", "Location": 2, "Rotation": 180, "Id": "/base/axi/rp1/i2c@88000/imx708@1a", "Num": 0},
    {"Model": "UVC Camera", "Id": "/base/axi/rp1/usb@300000-1:1.0-046d:0825", "Num": 1},
]  # fmt: skip

CONTROLS = ("FrameDurationLimits", "ExposureTime", "AfMode", "LensPosition", "NoiseReductionMode")

STRIDE_OF = 64
"""A Pi 5 pads each row of luma to this many bytes."""


class Bench:
    """What a test can do to the cameras, and see of them."""

    def __init__(self) -> None:
        self.cameras = list(CAMERAS)
        self.controls: dict[str, Any] = {}
        self.transform: Any = None
        self.unplugged = threading.Event()
        self.held = 0
        """Requests that were handed out and not given back."""
        self.open = 0
        self.hangs = False
        self.hdr: bool | None = None
        self.format: str | None = None
        self.range = "Limited"


def module(bench: Bench) -> tuple[SimpleNamespace, SimpleNamespace, SimpleNamespace]:
    """What `import picamera2`, `import libcamera` and `import picamera2.devices.imx708` give on that bench."""

    class CompletedRequest:
        def __init__(self, request: Any, picam2: Picamera2) -> None:
            self.request, self.picam2 = request, picam2
            self.config = picam2.camera_config.copy()
            self.ref_count = 1
            bench.held += 1

        def release(self) -> None:
            self.ref_count -= 1
            if self.ref_count < 0:
                raise RuntimeError("CompletedRequest: lock now has negative ref_count")
            bench.held -= 1

        def get_metadata(self) -> dict[str, Any]:
            if not self.ref_count:
                raise RuntimeError("the request was given back")
            return {"SensorTimestamp": self.request.taken_ns, "ExposureTime": 9000}

    class MappedArray:
        def __init__(self, request: CompletedRequest, stream: str, reshape: bool = True, write: bool = True) -> None:
            assert isinstance(request, CompletedRequest)
            assert request.ref_count > 0
            self._request, self._stream, self._reshape = request, stream, reshape
            self.array: Any = None

        def __enter__(self) -> MappedArray:
            memory = self._request.request.memory
            self.array = np.frombuffer(memory, np.uint8)
            if self._reshape:
                config = self._request.config[self._stream]
                self.array = self.array.reshape(config["size"][1] * 3 // 2, config["stride"])
            return self

        def __exit__(self, exc_type: Any, exc_value: Any, exc_traceback: Any) -> None:
            # The driver takes the memory back: whoever kept a view of it would now read the next picture.
            self.array[:] = 255
            self.array = None

    class Job:
        def __init__(self) -> None:
            self.future: Future[CompletedRequest] = Future()

    class Picamera2:
        @staticmethod
        def global_camera_info() -> list[dict[str, Any]]:
            return list(bench.cameras)

        def __init__(
            self, camera_num: int = 0, verbose_console: Any = None, tuning: Any = None, allocator: Any = None
        ) -> None:
            if camera_num >= len(bench.cameras):
                raise RuntimeError(f"No camera number {camera_num} found")
            if bench.open:
                raise RuntimeError("Camera __init__ sequence did not complete.") from RuntimeError(
                    "Device or resource busy"
                )
            bench.open += 1
            self.is_open, self.started = True, False
            self.camera_config: dict[str, Any] = {}
            self._jobs: list[Job] = []
            self._waiting: CompletedRequest | None = None
            self._lock = threading.Lock()
            self._stopping = threading.Event()

        @property
        def camera_controls(self) -> dict[str, tuple[Any, Any, Any]]:
            return dict.fromkeys(CONTROLS, (0, 1, 0))

        def create_video_configuration(
            self,
            main: dict[str, Any] = {},  # noqa: B006 - as published
            lores: Any = None,
            raw: Any = {},  # noqa: B006
            transform: Any = None,
            colour_space: Any = None,
            buffer_count: int = 6,
            controls: dict[str, Any] = {},  # noqa: B006
            display: str = "main",
            encode: str = "main",
            queue: bool = True,
            sensor: Any = {},  # noqa: B006
            use_case: str = "video",
        ) -> dict[str, Any]:
            unknown = set(main) - {"format", "size", "stride", "framesize", "preserve_ar"}
            if unknown:
                raise ValueError(f"Bad key {unknown!r}: valid stream configuration keys are ...")
            return {
                "main": dict(main), "lores": lores, "raw": raw, "transform": transform, "colour_space": colour_space,
                "buffer_count": buffer_count, "controls": controls, "display": display, "encode": encode,
                "queue": queue, "sensor": sensor, "use_case": use_case,
            }  # fmt: skip

        def configure(self, camera_config: Any = None) -> None:
            if self.started:
                raise RuntimeError("Camera must be stopped before configuring")
            width, height = camera_config["main"]["size"]
            if width % 2 or height % 2:
                raise RuntimeError("width and height should be even")
            for name in camera_config["controls"]:
                if name not in CONTROLS:
                    raise RuntimeError(f"Control {name} is not advertised by libcamera")
            stride = -(-width // STRIDE_OF) * STRIDE_OF
            main = {"size": (width, height), "stride": stride, "framesize": stride * height * 3 // 2}
            main["format"] = bench.format or camera_config["main"]["format"]
            colours = SimpleNamespace(range=f"Range.{bench.range}")
            self.camera_config = camera_config | {"main": main, "colour_space": colours}
            bench.controls, bench.transform = camera_config["controls"], camera_config["transform"]

        def camera_configuration(self) -> dict[str, Any]:
            return self.camera_config

        def start(self, config: Any = None, show_preview: Any = False) -> None:
            if not self.camera_config:
                raise RuntimeError("Camera has not been configured")
            self.started = True
            threading.Thread(target=self._deliver, daemon=True).start()

        def capture_request(self, wait: Any = None, signal_function: Any = None, flush: Any = None) -> Any:
            job = Job()
            with self._lock:
                self._jobs.append(job)
                if self._waiting is not None:
                    self._answer(self._waiting)
                    self._waiting = None
            return job if wait is False else job.future.result()

        def wait(self, job: Any, timeout: float | None = None) -> Any:
            return job.future.result(timeout=timeout)

        def cancel_all_and_flush(self) -> None:
            with self._lock:
                for job in self._jobs:
                    job.future.set_exception(CancelledError())
                self._jobs = []

        def close(self) -> None:
            if bench.hangs:
                time.sleep(60)
            if self.is_open:
                self.is_open = False
                bench.open -= 1
                self._stopping.set()
                if self._waiting is not None:
                    self._waiting.release()
                    self._waiting = None

        def _deliver(self) -> None:
            frame_us = self.camera_config["controls"].get("FrameDurationLimits", (33333, 33333))[0]
            count = 0
            while not self._stopping.wait(frame_us / 1e6):
                if bench.unplugged.is_set() or bench.held > self.camera_config["buffer_count"] - 1:
                    continue
                count += 1
                with self._lock:
                    if self._waiting is not None:
                        self._waiting.release()
                        self._waiting = None
                    request = CompletedRequest(self._picture(count), self)
                    if self._jobs:
                        self._answer(request)
                    else:
                        self._waiting = request

        def _answer(self, request: CompletedRequest) -> None:
            self._jobs.pop(0).future.set_result(request)

        def _picture(self, count: int) -> Any:
            memory = mmap.mmap(-1, self.camera_config["main"]["framesize"])
            picture = np.frombuffer(memory, np.uint8)
            picture[:] = 255  # what lies beyond the columns of the picture must never be seen
            (width, height), stride = self.camera_config["main"]["size"], self.camera_config["main"]["stride"]
            luma = picture[: stride * height].reshape(height, stride)[:, :width]
            chroma = picture[stride * height :].reshape(height, stride // 2)[:, : width // 2]
            luma[:], chroma[: height // 2], chroma[height // 2 :] = 16 + count % 200, 100, 150
            return SimpleNamespace(memory=memory, taken_ns=time.clock_gettime_ns(time.CLOCK_BOOTTIME))

    class Transform:
        def __init__(self, *, hflip: bool = False, vflip: bool = False, transpose: bool = False) -> None:
            self.hflip, self.vflip, self.transpose = hflip, vflip, transpose

    class IMX708:
        def __init__(self, camera_num: int | None = None) -> None:
            if bench.open:
                raise RuntimeError("the sensor's modes are cached already")

        def __enter__(self) -> IMX708:
            return self

        def __exit__(self, exc_type: Any, exc_value: Any, tb: Any) -> None: ...

        def set_sensor_hdr_mode(self, enable: bool) -> None:
            bench.hdr = enable

    picamera2 = SimpleNamespace(Picamera2=Picamera2, MappedArray=MappedArray, CompletedRequest=CompletedRequest)
    return picamera2, SimpleNamespace(Transform=Transform), SimpleNamespace(IMX708=IMX708)

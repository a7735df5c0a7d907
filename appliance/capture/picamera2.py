"""Cameras on a Raspberry Pi's ribbon cable, and whatever else libcamera knows, through Picamera2."""

from __future__ import annotations

import threading
import time
from concurrent.futures import TimeoutError as NotYet
from functools import partial
from typing import Any

from appliance.capture._memory import Memory
from appliance.capture._planes import STALEST_S, copied, limit
from appliance.capture._returning import Returning
from appliance.core.frames import Frame, from_i420
from appliance.errors import CaptureError, InputError
from appliance.options import Camera

FORMAT = "YUV420"
"""Picamera2's name of I420."""

BUFFERS = 4
"""One is filled, one waits, one is copied, one is spare: more would only be memory."""

STOPPING_S = 3.0
"""How long the camera may take to come free; a driver that hangs is left to the restart of the process."""

FULL_RANGE = "Full"

ROTATED = {0: (False, False), 180: (True, True)}
"""Rotation in degrees to (hflip, vflip): sensors can turn a picture upside down, not on its side."""

FOCUS_BY_ITSELF = 2
"""libcamera's AfModeContinuous."""

FOCUS_BY_HAND = 0
"""libcamera's AfModeManual."""

HDR_ON_SENSOR = "imx708"
"""The sensor of Camera Module 3, the only one that exposes twice by itself."""


def build(source: str, camera: Camera, loop: bool = False, patient: bool = False) -> Returning:
    """Open "picamera2", or "picamera2:WHICH" by number or name; raises InputError or CaptureError."""
    return Returning(source, partial(running, source, camera), returns=True, patient=patient)


def running(source: str, camera: Camera) -> Running:
    """The camera, streaming; raises InputError when it is not among those there are, CaptureError for a fault."""
    picamera2 = _library()
    number = _number(source.partition(":")[2], picamera2.Picamera2.global_camera_info())
    try:
        _expose(camera.hdr, number, picamera2)
        return Running(source, picamera2, picamera2.Picamera2(number), camera)
    except (RuntimeError, IndexError, OSError) as error:
        raise CaptureError(f"{source}: cannot be opened ({_innermost(error)}); does another program use it?") from None


class Running:
    """A camera that streams into requests, of which each must be given back."""

    def __init__(self, told: str, picamera2: Any, device: Any, camera: Camera) -> None:
        """device: an open Picamera2, which is closed again when this fails."""
        self._told = told
        self._mapped = picamera2.MappedArray
        self._memory = Memory()
        self._device = device
        self._job: Any = None
        try:
            self._begin(camera)
        except BaseException:
            self.stop()
            raise

    def pull(self, timeout_s: float) -> Frame | None:
        """The newest picture; raises CaptureError when the camera is gone."""
        ended_at = time.monotonic() + timeout_s
        try:
            # What was asked for long ago may have been answered long ago: that picture is not the newest.
            if self._job is not None and (waiting := self._taken(0.0)) is not None:
                waiting.release()
            request = self._taken(max(ended_at - time.monotonic(), 0.0))
        except RuntimeError as error:
            raise CaptureError(f"{self._told}: gives no picture ({_innermost(error)})") from None
        if request is None:
            return None
        try:
            return self._frame(request)
        finally:
            request.release()

    def stop(self) -> None:
        """Let go of the camera; raises CaptureError when it does not come free within a few seconds."""
        closing = threading.Thread(target=self._close, name="camera-close", daemon=True)
        closing.start()
        closing.join(STOPPING_S)
        if closing.is_alive():
            raise CaptureError(f"{self._told}: does not let go; its driver hangs, and a restart must free it")

    def _begin(self, camera: Camera) -> None:
        wanted = {"size": (camera.width, camera.height), "format": FORMAT}
        offered = self._device.camera_controls
        config = self._device.create_video_configuration(
            main=wanted,
            buffer_count=BUFFERS,
            controls={name: value for name, value in _controls(camera).items() if name in offered},
            transform=_transform(camera.rotation),
        )
        self._device.configure(config)
        stream = self._device.camera_configuration()
        self._width, self._height = stream["main"]["size"]
        self._stride = stream["main"]["stride"]
        if stream["main"]["format"] != FORMAT:
            raise CaptureError(f"{self._told}: gives {stream['main']['format']}, and {FORMAT} was asked for")
        colours = stream.get("colour_space")
        self._full_range = FULL_RANGE in str(getattr(colours, "range", ""))
        self._device.start()

    def _taken(self, timeout_s: float) -> Any | None:
        if self._job is None:
            self._job = self._device.capture_request(wait=False)
        try:
            request = self._device.wait(self._job, timeout=timeout_s)
        except (NotYet, TimeoutError):
            return None
        self._job = None
        return request

    def _frame(self, request: Any) -> Frame:
        half_stride, half_height = self._stride // 2, (self._height + 1) // 2
        luma = self._stride * self._height
        offsets = [0, luma, luma + half_stride * half_height]
        with self._mapped(request, "main", reshape=False, write=False) as mapped:
            strides = [self._stride, half_stride, half_stride]
            data = copied(mapped.array, self._width, self._height, offsets, strides, self._memory)
        frame = from_i420(data, self._width, self._height, 0, time.monotonic() - _age_s(request.get_metadata()))
        if self._full_range:
            limit(frame)
        return frame

    def _close(self) -> None:
        self._device.cancel_all_and_flush()
        self._device.close()


def listed() -> list[tuple[str, str]]:
    """(source, name) of each camera that libcamera knows; empty without Picamera2."""
    try:
        cameras = _library().Picamera2.global_camera_info()
    except (InputError, RuntimeError):
        return []
    return [(f"picamera2:{number}", str(camera.get("Model", "?"))) for number, camera in enumerate(cameras)]


def _library() -> Any:
    try:
        import picamera2
    except ImportError as error:
        raise InputError(
            f"picamera2: is not installed ({error}); on Raspberry Pi OS `apt install python3-picamera2` brings it, "
            "elsewhere name a device such as /dev/video0"
        ) from None
    return picamera2


def _number(wanted: str, cameras: list[dict[str, Any]]) -> int:
    """Place in Picamera2's list of the camera of this number or name."""
    if not cameras:
        raise CaptureError("picamera2: no camera is connected; switch off, check the ribbon cable at both ends")
    names = [f"{camera.get('Model', '?')} {camera['Id']}" for camera in cameras]
    if wanted.isdigit() and int(wanted) < len(cameras):
        return int(wanted)
    found = [number for number, name in enumerate(names) if wanted.lower() in name.lower() and not wanted.isdigit()]
    if not found:
        there = ", ".join(f"{number} ({name})" for number, name in enumerate(names))
        raise InputError(f"picamera2:{wanted}: there is no such camera; there are {there}")
    return found[0]


def _controls(camera: Camera) -> dict[str, Any]:
    """libcamera's controls; a camera that lacks one (no motor in its lens) goes without."""
    frame_us = round(1_000_000 / camera.fps)
    controls: dict[str, Any] = {"FrameDurationLimits": (frame_us, frame_us)}
    if camera.exposure_ms:
        controls["ExposureTime"] = min(round(camera.exposure_ms * 1000), frame_us)
    if camera.focus_m:
        controls |= {"AfMode": FOCUS_BY_HAND, "LensPosition": 1 / camera.focus_m}
    else:
        controls["AfMode"] = FOCUS_BY_ITSELF
    return controls


def _transform(rotation: int) -> Any:
    import libcamera

    if rotation not in ROTATED:
        raise InputError(f"camera.rotation: {rotation} is not to be had of a Pi camera; mount it upright, or use 180")
    hflip, vflip = ROTATED[rotation]
    return libcamera.Transform(hflip=hflip, vflip=vflip)


def _expose(twice: bool, number: int, picamera2: Any) -> None:
    """Tell the sensor before it is opened: its modes change with it, and it stays as it was last told."""
    camera = picamera2.Picamera2.global_camera_info()[number]
    if camera.get("Model", "").split("_")[0] != HDR_ON_SENSOR:
        if twice:
            raise InputError(f"camera.hdr: {camera.get('Model', 'this camera')} has none; only Camera Module 3 does")
        return
    from picamera2.devices.imx708 import IMX708

    try:
        with IMX708(camera["Num"]) as sensor:
            sensor.set_sensor_hdr_mode(twice)
    except (RuntimeError, OSError):
        # Where it cannot be told it is, as a rule, as it was made: that is no reason to be without a picture.
        if twice:
            raise


def _age_s(metadata: dict[str, Any]) -> float:
    taken_ns = metadata.get("SensorTimestamp")
    if taken_ns is None:
        return 0.0
    # libcamera counts from boot, sleep included, which time.monotonic does not.
    age_s = (time.clock_gettime_ns(time.CLOCK_BOOTTIME) - int(taken_ns)) / 1e9
    return min(max(age_s, 0.0), STALEST_S)


def _innermost(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error).strip().rstrip(".") or type(error).__name__

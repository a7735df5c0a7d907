"""Cameras, files, addresses and the test picture, all through GStreamer."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import cv2
import numpy as np

from appliance.capture import SourceEndError, told
from appliance.config import Camera
from appliance.core.frames import Frame, Plane, from_i420
from appliance.errors import CaptureError, InputError
from appliance.gst import gst

FIRST_FRAME_S = 10.0
"""How long a source may take to deliver its first frame: a camera on a network negotiates for seconds."""

SILENT_S = 4.0
"""A camera that says nothing for so long is opened anew: a cut cable closes no connection."""

BACK_OFF_S = (0.5, 1.0, 2.0, 4.0)
"""Pauses before the first, second... attempt to open a camera again; the last one for all that follow."""

FULL_RANGE = 1
"""GST_VIDEO_COLOR_RANGE_0_255, a name that Python cannot say."""

STALEST_S = 1.0
"""No frame is taken to be older than this, whatever its time stamp claims."""

_RAW = "video/x-raw,format=I420,pixel-aspect-ratio=1/1"
_NEWEST = "appsink name=out max-buffers=1 drop=true enable-last-sample=false"
_TO_PLANES = f"videoconvert ! videoscale ! {_RAW} ! {_NEWEST}"


@dataclass(frozen=True, slots=True)
class Plan:
    """How one source is opened."""

    told: str
    """The source as it may be told: no password."""
    launch: str
    """gst-launch text; its source element is called `src`."""
    properties: dict[str, Any]
    """Set on `src`: never part of the text, where a blank or a quote would be syntax."""
    returns: bool
    """True for what may come back when lost: cameras and addresses."""
    loop: bool = False
    """True for a file that begins again at its end."""


def build(source: str, camera: Camera, loop: bool = False) -> GstCapture:
    """Open it and wait for its first frame; raises InputError for what is no source, CaptureError for a silent one."""
    return GstCapture(plan(source, camera, loop))


def plan(source: str, camera: Camera, loop: bool = False) -> Plan:
    """How to open what the user named; raises InputError when it is nothing that can be opened."""
    if source == "test":
        return _test(camera)
    scheme = urlsplit(source).scheme
    if scheme in ("rtsp", "rtsps", "rtspu", "rtspt"):
        return _address(source)
    if scheme and "://" in source and scheme != "file":
        raise InputError(f"{scheme}://: only rtsp:// addresses can be read; or name a device, a file, test or walk")
    path = Path(source.removeprefix("file://"))
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{source}: {reason}; a source is {_choices()}") from None
    if stat.S_ISCHR(mode):
        return _device(path, camera)
    if stat.S_ISREG(mode):
        return _file(path, loop)
    raise InputError(f"{source}: is neither a video file nor a camera; a source is {_choices()}")


def _choices() -> str:
    devices = ", ".join(sorted(str(path) for path in Path("/dev").glob("video*"))) or "/dev/video0"
    return f"a camera ({devices}), a video file, an rtsp:// address, test or walk"


def _test(camera: Camera) -> Plan:
    size = f"width={camera.width},height={camera.height},framerate={camera.fps}/1"
    # Sized at its source: the scaler is for what comes in another shape.
    launch = f"videotestsrc name=src is-live=true ! {_RAW},{size} ! {_NEWEST} sync=false"
    return Plan("test", launch, {"pattern": "ball"}, True)


def _device(path: Path, camera: Camera) -> Plan:
    wanted = f"width={camera.width},height={camera.height},framerate={camera.fps}/1"
    # In order of preference; a camera that cannot do as asked gives what it has.
    formats = f"video/x-raw,{wanted};image/jpeg,{wanted};video/x-raw;image/jpeg"
    launch = f'v4l2src name=src ! capsfilter caps="{formats}" ! decodebin ! {_TO_PLANES} sync=false'
    return Plan(str(path), launch, {"device": str(path)}, True)


def _file(path: Path, loop: bool) -> Plan:
    upright = "videoflip video-direction=auto"
    launch = f"uridecodebin name=src ! videoconvert ! {upright} ! {_TO_PLANES} sync=true"
    return Plan(str(path), launch, {"uri": path.resolve().as_uri()}, False, loop)


def _address(source: str) -> Plan:
    launch = f"rtspsrc name=src ! application/x-rtp,media=video ! decodebin ! {_TO_PLANES} sync=false"
    # Interleaved TCP unless the address says otherwise (rtspu://): a lost packet is a smeared picture for seconds.
    properties: dict[str, Any] = {"location": source, "latency": 100, "tcp-timeout": 5_000_000}
    if urlsplit(source).scheme != "rtspu":
        properties["protocols"] = gst().GstRtsp.RTSPLowerTrans.TCP
    return Plan(told(source), launch, properties, True)


class GstCapture:
    """One source: opened, read, and opened again when it is lost and may come back."""

    def __init__(self, how: Plan, now: Callable[[], float] = time.monotonic) -> None:
        self._how = how
        self._now = now
        self._running: _Running | None = None
        self._attempts = 0
        self._next_attempt_at = 0.0
        self._heard_at = now()
        self._index = 0
        self._new_shot = False
        self._first: Frame | None = self._open()

    def read(self, timeout_s: float) -> Frame | None:
        """The newest frame; see Capture."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        if self._running is None and not self._reopened(timeout_s):
            return None
        assert self._running is not None
        try:
            frame = self._running.pull(timeout_s)
        except CaptureError as error:
            self._lost(error)
            return None
        if frame is not None:
            return self._taken(frame)
        if self._how.returns and self._now() - self._heard_at > SILENT_S:
            self._lost(CaptureError(f"{self._how.told}: is silent"))
        return None

    def close(self) -> None:
        """Stop the source."""
        if self._running is not None:
            self._running.stop()
            self._running = None

    def _open(self) -> Frame:
        self._running = _Running(self._how)
        deadline = self._now() + FIRST_FRAME_S
        try:
            while self._now() < deadline:
                frame = self._running.pull(0.1)
                if frame is not None:
                    return self._taken(frame)
        except SourceEndError:
            self.close()
            raise InputError(f"{self._how.told}: holds no picture") from None
        except BaseException:
            self.close()
            raise
        self.close()
        raise CaptureError(f"{self._how.told}: no picture within {FIRST_FRAME_S:.0f} s; is the camera on?")

    def _taken(self, frame: Frame) -> Frame:
        self._heard_at = self._now()
        self._attempts = 0
        frame = replace(frame, index=self._index, cut=self._new_shot)
        self._index += 1
        self._new_shot = False
        return frame

    def _lost(self, error: CaptureError) -> None:
        self.close()
        self._new_shot = True
        ended = isinstance(error, SourceEndError)
        if ended and self._how.loop:
            self._next_attempt_at = self._now()
        elif self._how.returns:
            pause = BACK_OFF_S[min(self._attempts, len(BACK_OFF_S) - 1)]
            self._attempts += 1
            self._next_attempt_at = self._now() + pause
        else:
            raise error

    def _reopened(self, timeout_s: float) -> bool:
        wait = self._next_attempt_at - self._now()
        if wait > 0:
            time.sleep(min(wait, timeout_s))
        if self._now() < self._next_attempt_at:
            return False
        try:
            self._running = _Running(self._how)
        except CaptureError as error:
            self._lost(error)
            return False
        self._heard_at = self._now()
        return True


class _Running:
    """A GStreamer pipeline that plays, and the newest picture of it."""

    def __init__(self, how: Plan) -> None:
        self._gst = gst()
        self._told = how.told
        try:
            self._pipeline = self._gst.Gst.parse_launch(how.launch)
        except self._gst.GLib.Error as error:
            raise CaptureError(f"{how.told}: GStreamer lacks a part for it ({error.message})") from None
        source = self._pipeline.get_by_name("src")
        for name, value in how.properties.items():
            source.set_property(name, value)
        self._sink = self._pipeline.get_by_name("out")
        self._bus = self._pipeline.get_bus()
        if self._pipeline.set_state(self._gst.Gst.State.PLAYING) == self._gst.Gst.StateChangeReturn.FAILURE:
            fault = self._fault() or "it cannot be started"
            self.stop()
            raise CaptureError(f"{how.told}: {fault}")

    def pull(self, timeout_s: float) -> Frame | None:
        """The newest picture; raises SourceEndError, or CaptureError with the element's own words."""
        sample = self._sink.try_pull_sample(int(timeout_s * self._gst.Gst.SECOND))
        # The bus is emptied at every turn: nobody else does.
        fault = self._fault()
        if sample is not None:
            return self._frame(sample)
        if fault:
            raise CaptureError(f"{self._told}: {fault}")
        if self._sink.is_eos():
            raise SourceEndError(f"{self._told}: has ended")
        return None

    def stop(self) -> None:
        """Let go of everything."""
        self._pipeline.set_state(self._gst.Gst.State.NULL)

    def _fault(self) -> str | None:
        message = self._bus.pop_filtered(self._gst.Gst.MessageType.ERROR)
        if message is None:
            return None
        error, details = message.parse_error()
        hint = "; it holds no picture that can be decoded" if "not-linked" in (details or "") else ""
        return f"cannot be read ({error.message.strip().rstrip('.')}){hint}"

    def _frame(self, sample: Any) -> Frame:
        buffer = sample.get_buffer()
        info = self._gst.GstVideo.VideoInfo.new_from_caps(sample.get_caps())
        meta = self._gst.GstVideo.buffer_get_video_meta(buffer)
        layout = meta or info
        with buffer.map(self._gst.Gst.MapFlags.READ) as mapped:
            data = copied(mapped.data, info.width, info.height, list(layout.offset)[:3], list(layout.stride)[:3])
        frame = from_i420(data, info.width, info.height, 0, time.monotonic() - self._age_s(buffer))
        # Asking videoconvert for limited range changes the label and leaves the pixels (GStreamer 1.22).
        if int(info.colorimetry.range) == FULL_RANGE:
            limit(frame)
        return frame

    def _age_s(self, buffer: Any) -> float:
        clock = self._pipeline.get_clock()
        if clock is None or buffer.pts == self._gst.Gst.CLOCK_TIME_NONE:
            return 0.0
        running = clock.get_time() - self._pipeline.get_base_time()
        return float(min(max((running - buffer.pts) / self._gst.Gst.SECOND, 0.0), STALEST_S))


def limit(frame: Frame) -> None:
    """Turn full-range planes (JPEG's, hence most USB cameras') into limited ones, in place."""
    for plane, gain, offset in ((frame.y, 219 / 255, 16.0), (frame.u, 224 / 255, 15.56), (frame.v, 224 / 255, 15.56)):
        cv2.convertScaleAbs(plane, plane, gain, offset)


def copied(data: Any, width: int, height: int, offsets: list[int], strides: list[int]) -> Plane:
    """One packed I420 buffer of planes that lie anywhere with any stride; raises CaptureError if they do not fit."""
    half = ((height + 1) // 2, (width + 1) // 2)
    packed = np.empty(width * height + 2 * half[0] * half[1], np.uint8)
    target = from_i420(packed, width, height, 0, 0.0)
    for plane, offset, stride in zip((target.y, target.u, target.v), offsets, strides):
        try:
            plane[:] = np.ndarray(plane.shape, np.uint8, data, offset, (stride, 1))
        except (TypeError, ValueError) as error:
            raise CaptureError(f"the camera's picture is not laid out as it says ({error})") from None
    return packed

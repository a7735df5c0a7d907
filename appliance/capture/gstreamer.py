"""Cameras, files, addresses and the test picture, all through GStreamer."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from appliance.capture import SourceEndError, told
from appliance.capture._memory import Memory
from appliance.capture._planes import STALEST_S, copied, limit
from appliance.capture._returning import Returning
from appliance.core.frames import Frame, from_i420
from appliance.errors import CaptureError, InputError
from appliance.gst import gst
from appliance.options import Camera

FULL_RANGE = 1
"""GST_VIDEO_COLOR_RANGE_0_255, a name that Python cannot say."""

_RAW = "video/x-raw,format=I420,pixel-aspect-ratio=1/1"
_NEWEST = "appsink name=out max-buffers=1 drop=true enable-last-sample=false"
_TO_PLANES = f"videoconvert ! videoscale ! {_RAW} ! {_NEWEST}"
_TURNED = {
    0: "",
    90: "videoflip video-direction=90r ! ",
    180: "videoflip video-direction=180 ! ",
    270: "videoflip video-direction=90l ! ",
}


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


def build(source: str, camera: Camera, loop: bool = False, patient: bool = False) -> Returning:
    """Open it and wait for its first frame; raises InputError for what is no source, CaptureError for a silent one.

    patient: a camera or an address may also come later.
    """
    absent = patient and source.startswith("/dev/") and not Path(source).exists()
    return opened(_device(Path(source), camera) if absent else plan(source, camera, loop), patient)


def running(source: str, camera: Camera) -> Media:
    """The source, open and not yet waited for; raises InputError or CaptureError."""
    return Media(plan(source, camera))


def opened(how: Plan, patient: bool = False, now: Callable[[], float] = time.monotonic) -> Returning:
    """The source of this plan, at its first frame."""
    return Returning(how.told, lambda: Media(how), how.returns, how.loop, patient, now)


def plan(source: str, camera: Camera, loop: bool = False) -> Plan:
    """How to open what the user named; raises InputError when it is nothing that can be opened."""
    if source == "test":
        return _test(camera)
    if source.startswith("csi://"):
        return _jetson(source, camera)
    scheme = urlsplit(source).scheme
    if scheme in ("rtsp", "rtsps", "rtspu", "rtspt"):
        return _address(source, camera)
    if scheme and "://" in source and scheme != "file":
        raise InputError(f"{scheme}://: only rtsp:// addresses can be read; or name a device, a file, test or walk")
    path = Path(source.removeprefix("file://"))
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{source}: {reason.lower()}; a source is {_choices()}") from None
    if stat.S_ISCHR(mode):
        return _device(path, camera)
    if stat.S_ISREG(mode):
        return _file(path, loop)
    raise InputError(f"{source}: is neither a video file nor a camera; a source is {_choices()}")


def _choices() -> str:
    devices = ", ".join(sorted(str(path) for path in Path("/dev").glob("video*"))) or "/dev/video0"
    return (
        f"a camera ({devices}, or auto: whichever is connected), a video file, an rtsp:// address, walk, test or clap"
    )


def _test(camera: Camera) -> Plan:
    size = f"width={camera.width},height={camera.height},framerate={camera.fps}/1"
    # Sized at its source: the scaler is for what comes in another shape.
    launch = f"videotestsrc name=src is-live=true ! {_RAW},{size} ! {_TURNED[camera.rotation]}{_NEWEST} sync=false"
    return Plan("test", launch, {"pattern": "ball"}, True)


def _device(path: Path, camera: Camera) -> Plan:
    wanted = f"width={camera.width},height={camera.height},framerate={camera.fps}/1"
    # In order of preference; a camera that cannot do as asked gives what it has.
    formats = f"video/x-raw,{wanted};image/jpeg,{wanted};video/x-raw;image/jpeg"
    upright = f"decodebin ! videoconvert ! {_TURNED[camera.rotation]}{_TO_PLANES} sync=false"
    launch = f'v4l2src name=src ! capsfilter caps="{formats}" ! {upright}'
    return Plan(str(path), launch, {"device": str(path)}, True)


def _jetson(source: str, camera: Camera) -> Plan:
    number = source.removeprefix("csi://") or "0"
    if not number.isdigit():
        raise InputError(f"{source}: csi:// takes the number of a camera, such as csi://0")
    size = f"width={camera.width},height={camera.height},framerate={camera.fps}/1"
    turned = {0: 0, 90: 3, 180: 2, 270: 1}[camera.rotation]
    launch = (
        f"nvarguscamerasrc name=src ! video/x-raw(memory:NVMM),format=NV12,{size} ! "
        f"nvvidconv flip-method={turned} ! video/x-raw,format=I420 ! {_NEWEST} sync=false"
    )
    return Plan(source, launch, {"sensor-id": int(number)}, True)


def _file(path: Path, loop: bool) -> Plan:
    upright = "videoflip video-direction=auto"
    launch = f"uridecodebin name=src ! videoconvert ! {upright} ! {_TO_PLANES} sync=true"
    return Plan(str(path), launch, {"uri": path.resolve().as_uri()}, False, loop)


def _address(source: str, camera: Camera) -> Plan:
    upright = f"decodebin ! videoconvert ! {_TURNED[camera.rotation]}{_TO_PLANES} sync=false"
    launch = f"rtspsrc name=src ! application/x-rtp,media=video ! {upright}"
    # Interleaved TCP unless the address says otherwise (rtspu://): a lost packet is a smeared picture for seconds.
    properties: dict[str, Any] = {"location": source, "latency": 100, "tcp-timeout": 5_000_000}
    if urlsplit(source).scheme != "rtspu":
        properties["protocols"] = gst().GstRtsp.RTSPLowerTrans.TCP
    return Plan(told(source), launch, properties, True)


class Media:
    """A GStreamer pipeline that plays, and the newest picture of it."""

    def __init__(self, how: Plan) -> None:
        self._gst = gst()
        self._told = how.told
        self._memory = Memory()
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
            offsets, strides = list(layout.offset)[:3], list(layout.stride)[:3]
            data = copied(mapped.data, info.width, info.height, offsets, strides, self._memory)
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

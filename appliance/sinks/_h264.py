"""Frames in, H.264 out: encoded once for everybody who watches."""

from __future__ import annotations

from typing import Any

import numpy as np

from appliance.core.frames import Plane
from appliance.core.veiling import MaskedFrame
from appliance.errors import SinkError
from appliance.gst import gst
from appliance.sinks._audience import Audience
from appliance.sinks._encoders import ENCODERS, Wanted, usable


class Encoder:
    """Frames in, H.264 access units out to the audience; time stamps are nanoseconds of time.monotonic()."""

    def __init__(self, wanted: Wanted, fps: int, audience: Audience, widest: int | None = None) -> None:
        """widest: columns that broader pictures are shrunk to; None leaves every size as it is."""
        self._gst = gst()
        self._widest = widest
        self._fps = fps
        self._audience = audience
        self._size = (0, 0)
        self._info: Any = None
        self._pool: Any = None
        self._pipeline = self._started(wanted)
        self._source = self._pipeline.get_by_name("in")
        audience.force_keyframe = self.force_keyframe
        self._bus = self._pipeline.get_bus()

    def write(self, frame: MaskedFrame, at_s: float) -> None:
        """Queue the frame; when the encoder cannot follow, the oldest waiting one is dropped."""
        message = self._bus.pop_filtered(self._gst.Gst.MessageType.ERROR)
        if message is not None:
            raise SinkError(f"rtsp: the encoder stopped ({message.parse_error()[0].message})")
        # Chroma of 4:2:0 comes in pairs: an odd last column or row is left out.
        size = (frame.width // 2 * 2, frame.height // 2 * 2)
        if size != self._size:
            self._resize(size)
        buffer = self._room()
        with buffer.map(self._gst.Gst.MapFlags.WRITE) as mapped:
            self._copy(frame, mapped.data)
        buffer.pts = buffer.dts = int(at_s * self._gst.Gst.SECOND)
        self._source.push_buffer(buffer)

    def force_keyframe(self) -> None:
        """Make the next picture one that a new client can begin with."""
        event = self._gst.GstVideo.video_event_new_upstream_force_key_unit(self._gst.Gst.CLOCK_TIME_NONE, True, 0)
        self._pipeline.get_by_name("out").get_static_pad("sink").push_event(event)

    def close(self) -> None:
        """Stop encoding."""
        self._pipeline.set_state(self._gst.Gst.State.NULL)
        if self._pool is not None:
            self._pool.set_active(False)

    def _started(self, wanted: Wanted) -> Any:
        for name in usable(wanted):
            pipeline = self._gst.Gst.parse_launch(
                # Two frames may wait: one that is being encoded, one that comes.
                "appsrc name=in is-live=true format=time max-buffers=2 leaky-type=downstream ! "
                f"{'videoscale ! capsfilter name=small ! ' if self._widest else ''}"
                f"{ENCODERS[name](wanted)} ! h264parse config-interval=-1 ! "
                "video/x-h264,stream-format=byte-stream,alignment=au ! "
                "appsink name=out sync=false emit-signals=true max-buffers=8 drop=true"
            )
            pipeline.get_by_name("out").connect("new-sample", self._encoded)
            if pipeline.set_state(self._gst.Gst.State.PLAYING) != self._gst.Gst.StateChangeReturn.FAILURE:
                return pipeline
            pipeline.set_state(self._gst.Gst.State.NULL)
        raise SinkError(f"rtsp: no H.264 encoder ({', '.join(ENCODERS)}) works: install gstreamer1.0-plugins-ugly")

    def _encoded(self, sink: Any) -> Any:
        sample = sink.emit("pull-sample")
        if sample is not None:
            unit = sample.get_buffer()
            # x264enc moves its time stamps by a thousand hours, and the segment to match.
            self._audience.send(unit, sample.get_segment().to_running_time(self._gst.Gst.Format.TIME, unit.pts))
        return self._gst.Gst.FlowReturn.OK

    def _resize(self, size: tuple[int, int]) -> None:
        text = f"video/x-raw,format=I420,width={size[0]},height={size[1]},framerate={self._fps}/1"
        caps = self._gst.Gst.Caps.from_string(text)
        self._info = self._gst.GstVideo.VideoInfo.new_from_caps(caps)
        if self._widest:
            small = _shrunk(size, self._widest)
            text = f"video/x-raw,width={small[0]},height={small[1]},pixel-aspect-ratio=1/1"
            self._pipeline.get_by_name("small").set_property("caps", self._gst.Gst.Caps.from_string(text))
        self._source.set_caps(caps)
        self._pool = self._opened_pool(caps)
        self._size = size

    def _opened_pool(self, caps: Any) -> Any:
        """Buffers that are used again once the encoder has done with them: fresh memory costs a millisecond each."""
        if self._pool is not None:
            self._pool.set_active(False)
        pool = self._gst.Gst.BufferPool.new()
        wanted = pool.get_config()
        self._gst.Gst.BufferPool.config_set_params(wanted, caps, self._info.size, 0, 0)
        pool.set_config(wanted)
        pool.set_active(True)
        return pool

    def _room(self) -> Any:
        """A buffer of one picture; raises SinkError when there is no memory."""
        done, buffer = self._pool.acquire_buffer(None)
        if done != self._gst.Gst.FlowReturn.OK:
            raise SinkError(f"rtsp: there is no room for a picture ({done.value_nick})")
        return buffer

    def _copy(self, frame: MaskedFrame, data: Any) -> None:
        width, height = self._size
        shapes = ((height, width), (height // 2, width // 2), (height // 2, width // 2))
        for plane, shape, offset, stride in zip(_halved(frame), shapes, self._info.offset, self._info.stride):
            np.ndarray(shape, np.uint8, data, offset, (stride, 1))[:] = plane[: shape[0], : shape[1]]


def _shrunk(size: tuple[int, int], widest: int) -> tuple[int, int]:
    share = min(widest / size[0], 1.0)
    width, height = (max(round(side * share / 2) * 2, 2) for side in size)
    return width, height


def _halved(frame: MaskedFrame) -> tuple[Plane, Plane, Plane]:
    if frame.u.shape == frame.y.shape and frame.width > 1:
        return frame.y, frame.u[::2, ::2], frame.v[::2, ::2]
    return frame.y, frame.u, frame.v

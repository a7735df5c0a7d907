"""Programs that watch the stream, each as its users would find it: an iterator of luma planes as they are decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from appliance.core.frames import Plane
from appliance.gst import gst

Viewer = Callable[[str], Iterator[Plane | None]]
"""Of an address: (H, W) uint8 that hold until the next is asked for, None now and then while nothing comes."""

PIPELINE = (
    "rtspsrc name=source latency=0 protocols=tcp ! rtph264depay ! h264parse ! avdec_h264 max-threads=1 "
    "! video/x-raw,format=I420 ! appsink name=out sync=false max-buffers=4"
)


def gstreamer(address: str) -> Iterator[Plane | None]:
    """Decodes a frame as soon as its last packet is there, which RTP marks."""
    pipeline = gst().Gst.parse_launch(PIPELINE)
    pipeline.get_by_name("source").set_property("location", address)
    out = pipeline.get_by_name("out")
    pipeline.set_state(gst().Gst.State.PLAYING)
    try:
        while not out.get_property("eos"):
            sample = out.try_pull_sample(gst().Gst.SECOND)
            if sample is None:
                yield None
            else:
                yield from _luma(sample)
    finally:
        pipeline.set_state(gst().Gst.State.NULL)


def libav(address: str) -> Iterator[Plane | None]:
    """FFmpeg's library, whose parser holds a frame back until the next one begins: a frame's time is added."""
    import av

    options = {"rtsp_transport": "tcp", "flags": "low_delay", "probesize": "32"}
    with suppress(av.FFmpegError, OSError), av.open(address, options=options, timeout=10.0) as stream:
        stream.streams.video[0].codec_context.thread_count = 1
        for picture in stream.decode(video=0):
            plane = picture.planes[0]
            shape = (picture.height, picture.width)
            yield np.ndarray(shape, np.uint8, memoryview(plane), 0, (plane.line_size, 1))


VIEWERS: dict[str, Viewer] = {"gstreamer": gstreamer, "libav": libav}


def _luma(sample: Any) -> Iterator[Plane]:
    video, buffer = gst().GstVideo, sample.get_buffer()
    info = video.VideoInfo.new_from_caps(sample.get_caps())
    layout = video.buffer_get_video_meta(buffer) or info
    with buffer.map(gst().Gst.MapFlags.READ) as mapped:
        yield np.ndarray((info.height, info.width), np.uint8, mapped.data, layout.offset[0], (layout.stride[0], 1))

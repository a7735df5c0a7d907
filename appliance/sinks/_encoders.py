"""The H.264 encoders there are: hardware where it exists, x264 otherwise. All without B-frames, for live use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from appliance.gst import gst

PROBE_S = 2.0
"""What a hardware encoder may take for its first picture."""

PROBE_PICTURES = 8
"""Hardware may hold some back."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of an encoder."""

    bitrate_kbps: int
    keyframe_frames: int
    profile: str
    """constrained-baseline or main."""
    preset: str = "ultrafast"
    """x264's; docs/x264.md tells what each costs."""


def _v4l2(wanted: Wanted) -> str:
    controls = (
        f"controls,video_bitrate={wanted.bitrate_kbps * 1000},"
        f"h264_i_frame_period={wanted.keyframe_frames},repeat_sequence_header=1"
    )
    # Drivers differ in the formats they take; where this one is taken the converter does nothing.
    shape = f"video/x-h264,profile={wanted.profile},level=(string)4"
    return f'videoconvert ! v4l2h264enc extra-controls="{controls}" ! {shape}'


def _jetson(wanted: Wanted) -> str:
    return (
        "nvvidconv ! video/x-raw(memory:NVMM),format=NV12 ! "
        f"nvv4l2h264enc bitrate={wanted.bitrate_kbps * 1000} iframeinterval={wanted.keyframe_frames} "
        f"insert-sps-pps=true maxperf-enable=true profile={2 if wanted.profile == 'main' else 0}"
    )


def _x264(wanted: Wanted) -> str:
    # Its fastest preset leaves out what makes a stream main.
    main = "option-string=cabac=1 " if wanted.profile == "main" else ""
    return (
        # As many threads as it chooses: they cost nothing, and shorten the wait.
        f"x264enc tune=zerolatency speed-preset={wanted.preset} "
        f"bitrate={wanted.bitrate_kbps} vbv-buf-capacity=1000 key-int-max={wanted.keyframe_frames} "
        f"{main}! video/x-h264,profile={wanted.profile}"
    )


ENCODERS: dict[str, Callable[[Wanted], str]] = {"nvv4l2h264enc": _jetson, "v4l2h264enc": _v4l2, "x264enc": _x264}
"""Element and its gst-launch text, best first."""


SOFTWARE = "x264enc"


def present() -> list[str]:
    """The encoders this machine says it has, best first."""
    return [name for name in ENCODERS if gst().Gst.ElementFactory.find(name) is not None]


def usable(wanted: Wanted) -> list[str]:
    """The encoders of this machine that can do it, best first. Hardware shows that it can: drivers may be there without
    a device, or with one that is in use."""
    return [name for name in present() if name == SOFTWARE or encodes(name, wanted)]


@lru_cache
def encodes(name: str, wanted: Wanted) -> bool:
    """True when the encoder makes pictures now."""
    names = gst()
    picture = "video/x-raw,format=I420,width=640,height=360,framerate=30/1"
    try:
        pipeline = names.Gst.parse_launch(
            f"videotestsrc num-buffers={PROBE_PICTURES} ! {picture} ! {ENCODERS[name](wanted)} ! h264parse ! "
            "appsink name=out sync=false"
        )
    except names.GLib.Error:
        return False
    try:
        if pipeline.set_state(names.Gst.State.PLAYING) == names.Gst.StateChangeReturn.FAILURE:
            return False
        return pipeline.get_by_name("out").try_pull_sample(int(PROBE_S * names.Gst.SECOND)) is not None
    finally:
        pipeline.set_state(names.Gst.State.NULL)

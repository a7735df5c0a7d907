"""The H.264 encoders there are: hardware where it exists, x264 otherwise. All without B-frames, for live use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from appliance.gst import gst


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of an encoder."""

    bitrate_kbps: int
    keyframe_frames: int
    profile: str
    """constrained-baseline or main."""


def _v4l2(wanted: Wanted) -> str:
    controls = (
        f"controls,video_bitrate={wanted.bitrate_kbps * 1000},"
        f"h264_i_frame_period={wanted.keyframe_frames},repeat_sequence_header=1"
    )
    return f'v4l2h264enc extra-controls="{controls}" ! video/x-h264,profile={wanted.profile},level=(string)4'


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
        "x264enc tune=zerolatency speed-preset=ultrafast "
        f"bitrate={wanted.bitrate_kbps} vbv-buf-capacity=1000 key-int-max={wanted.keyframe_frames} "
        f"{main}! video/x-h264,profile={wanted.profile}"
    )


ENCODERS: dict[str, Callable[[Wanted], str]] = {"nvv4l2h264enc": _jetson, "v4l2h264enc": _v4l2, "x264enc": _x264}
"""Element and its gst-launch text, best first."""


def present() -> list[str]:
    """The encoders this machine has, best first."""
    return [name for name in ENCODERS if gst().Gst.ElementFactory.find(name) is not None]

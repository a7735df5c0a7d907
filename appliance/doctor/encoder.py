"""Whether a picture can be encoded for the stream, and by what."""

from __future__ import annotations

from collections.abc import Iterable

from appliance.doctor import Finding, Site, ok, warning, wrong
from appliance.errors import MofyError
from appliance.gst import gst
from appliance.sinks._encoders import ENCODERS, Wanted, present

ENOUGH_S = 8.0
SOFTWARE = "x264enc"


def check(site: Site) -> Iterable[Finding]:
    """One for each encoder that does not work, until one does."""
    try:
        here = present()
    except MofyError as error:
        return [wrong(str(error), "run install.sh again")]
    rtsp = site.config.rtsp
    found: list[Finding] = []
    wanted = Wanted(rtsp.bitrate_kbps, max(round(rtsp.keyframe_s * site.config.camera.fps), 1), rtsp.profile)
    for name in here:
        fault = trial(ENCODERS[name](wanted))
        if not fault:
            kind = "in software" if name == SOFTWARE else "in hardware"
            return [*found, ok(f"{name} encodes H.264 {kind}")]
        found.append(warning(f"{name} does not work ({fault})", "the next encoder is used in its place"))
    return [*found, wrong(f"no H.264 encoder works ({', '.join(ENCODERS)})", "install gstreamer1.0-plugins-ugly")]


def trial(encoder: str) -> str:
    """Encode ten small pictures; what went wrong, empty when nothing did."""
    names = gst()
    text = f"videotestsrc num-buffers=10 ! video/x-raw,format=I420,width=640,height=360 ! {encoder} ! fakesink"
    try:
        pipeline = names.Gst.parse_launch(text)
    except names.GLib.Error as error:
        return str(error.message)
    try:
        pipeline.set_state(names.Gst.State.PLAYING)
        ends = names.Gst.MessageType.ERROR | names.Gst.MessageType.EOS
        message = pipeline.get_bus().timed_pop_filtered(int(ENOUGH_S * names.Gst.SECOND), ends)
        if message is None:
            return "it gives no answer"
        return "" if message.type == names.Gst.MessageType.EOS else str(message.parse_error()[0].message)
    finally:
        pipeline.set_state(names.Gst.State.NULL)

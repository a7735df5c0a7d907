"""Where a stream is pushed to: what GStreamer does with the address, and how it is told without its secrets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from appliance.core.sound import SoundFormat
from appliance.errors import SinkError
from appliance.sinks._formats import H264, caps

LATENCY_MS = 200


@dataclass(frozen=True, slots=True)
class Route:
    """A pipeline that sends: appsrc elements `in` and, with sound, `sound`; the last element is `out`."""

    launch: str
    properties: dict[str, Any] = field(repr=False)
    """Of `out`: never part of the text, where a blank or a quote would be syntax. Old ones lack some."""


def route(url: str, sound: SoundFormat | None) -> Route:
    """How to send there; raises SinkError for what the kind of address cannot carry."""
    scheme = urlsplit(url).scheme
    heard = f"appsrc name=sound is-live=true format=time caps={caps(sound)}" if sound else ""
    seen = f"appsrc name=in is-live=true format=time caps={H264} ! h264parse name=seen config-interval=-1"
    parser = "opusparse" if sound and sound.codec == "opus" else "aacparse"
    track = f"{heard} ! {parser} ! queue ! mux. " if sound else ""
    if scheme in ("rtmp", "rtmps"):
        if sound and sound.codec != "aac":
            raise SinkError(f"push.url: {scheme}:// carries no {sound.codec}: use sound.codec aac, or srt://")
        mux = f"flvmux name=mux streamable=true latency={LATENCY_MS}000000 ! rtmp2sink name=out sync=false"
        return Route(f"{seen} ! queue ! mux. {track}{mux}", {"location": url})
    if scheme == "srt":
        mux = "mpegtsmux name=mux alignment=7 ! srtsink name=out sync=false wait-for-connection=false"
        return Route(f"{seen} ! queue ! mux. {track}{mux}", {"uri": url, "auto-reconnect": False})
    out = f"rtspclientsink name=out latency={LATENCY_MS} protocols=tcp"
    # Sound has its own way into this element, which sends no container.
    return Route(f"{out} {seen} ! queue ! out.sink_0 {track.replace('mux.', 'out.sink_1')}", {"location": url})


def told(url: str) -> str:
    """The address as it may be shown: paths are stream keys, and what stands before @ or after ? are passwords."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def without_secrets(text: str, url: str) -> str:
    """The words with whatever they hold of the address's secret parts taken out."""
    parts = urlsplit(url)
    secrets = [parts.username or "", parts.password or "", *parts.path.split("/"), parts.path, parts.query]
    secrets += [value for pair in parse_qsl(parts.query) for value in pair]
    for secret in sorted(
        {s for piece in secrets for s in (piece, unquote(piece)) if len(s) > 1}, key=len, reverse=True
    ):
        text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "…", text)
    return re.sub(r"\w+://\S+", told(url), text)

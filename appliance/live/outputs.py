"""Opens what the picture leaves by: the stream, the preview, recordings and the box's own display."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from appliance import parts, sound
from appliance.live import credentials
from appliance.options import Config, Rtsp
from appliance.sinks import Display, SinkOptions


def options(config: Config, data: Path, folder: Path, record: Path | None = None) -> SinkOptions:
    """What sinks are told; folder: where preview and reports go. Raises MofyError."""
    return SinkOptions(
        config.rtsp,
        config.camera.fps,
        record or Path(os.devnull),
        folder,
        config.record,
        config.hdmi,
        login=credentials.login(config.rtsp, data),
        certificate=credentials.certificate(config.rtsp, data),
        sound=sound.encoder(config.sound).format if config.sound.source else None,
        push_url=config.push.url,
    )


def build(names: Iterable[str], told: SinkOptions, opened: ExitStack) -> tuple[list[Any], list[Display]]:
    """Sinks by name, and the display unless it is off, closed by `opened`; raises MofyError."""
    sinks = [_built(name, told, opened) for name in names]
    return sinks, [_built("hdmi", told, opened)] if told.hdmi.output != "off" else []


def address(rtsp: Rtsp, port: int) -> str:
    """Where the stream is, as seen from this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(rtsp.address, rtsp.address)
    host = f"[{host}]" if ":" in host else host
    return f"{'rtsps' if rtsp.tls else 'rtsp'}://{host}:{port}{rtsp.path}"


def _built(name: str, told: SinkOptions, opened: ExitStack) -> Any:
    sink = parts.part("sinks", name).build(told)
    opened.callback(sink.close)
    return sink

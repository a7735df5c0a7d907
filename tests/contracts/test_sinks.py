"""What every way out promises: it takes masked frames, never waits, never writes to what others read too."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from appliance import config, parts, sound
from appliance.core.slate import Notice, Words, slate
from appliance.core.sound import SoundPacket, silence
from appliance.core.veiling import MaskedFrame, veil
from appliance.masks import MaskOptions, mosaic
from appliance.sinks import Listener, SinkOptions
from tests.mofy_process import needs_gstreamer

pytestmark = needs_gstreamer
MASK = mosaic.build(MaskOptions())
CONFIG = config.load(changes={"rtsp": {"address": "127.0.0.1", "port": 0, "bitrate_kbps": 1000}})


def sink_options(folder: Path) -> SinkOptions:
    """Everything a sink may be told."""
    recording = CONFIG.record.model_copy(update={"folder": str(folder / "films"), "keep_free_mb": 10})
    heard = sound.encoder(CONFIG.sound).format
    # A root of its own: no test takes over the display of the machine it runs on.
    root = folder / "root"
    return SinkOptions(CONFIG.rtsp, 30, folder / "film.mp4", folder, recording, CONFIG.hdmi, root, sound=heard)


def masked(width: int = 320, height: int = 240, text: str = "test", captured_at: float | None = None) -> MaskedFrame:
    """A picture nobody may write to any more."""
    drawn = slate(Notice("MOFY", (Words(text),)), width, height)
    for plane in (drawn.y, drawn.u, drawn.v):
        plane.flags.writeable = False
    return veil(replace(drawn, captured_at=time.monotonic() if captured_at is None else captured_at), (), MASK)


@pytest.fixture
def options(tmp_path):
    """Everything a sink may be told."""
    return sink_options(tmp_path)


@pytest.fixture(params=parts.names("sinks"))
def sink(request, options):
    """An open sink of each kind."""
    opened = parts.part("sinks", request.param).build(options)
    yield opened
    opened.close()


def test_a_write_returns_at_once_however_many_come(sink):
    frames = [masked(1280, 720, str(index)) for index in range(4)]
    sink.write(frames[0])
    worst = 0.0
    for index in range(120):
        began = time.perf_counter()
        sink.write(replace(frames[index % 4], captured_at=time.monotonic()))
        worst = max(worst, time.perf_counter() - began)
    assert worst < 0.25
    assert sink.fault is None


def test_sizes_may_change_odd_ones_too(sink):
    for size in ((320, 240), (321, 241), (64, 64), (640, 360), (1, 1), (2, 2), (320, 240)):
        if min(size) > 1 or not hasattr(sink, "port"):
            sink.write(masked(*size) if min(size) >= 16 else small(*size))
            time.sleep(0.05)
    time.sleep(0.2)
    sink.write(masked())
    assert sink.fault is None


def small(width: int, height: int) -> MaskedFrame:
    """A picture too small for text."""
    return masked(width, height, "")


def test_what_takes_sound_takes_it_before_and_after_pictures_and_never_waits(sink):
    if not isinstance(sink, Listener):
        pytest.skip("takes no sound")
    made = packets(120)
    for k in range(3):
        began = time.perf_counter()
        for packet in made[k * 40 : k * 40 + 40]:
            sink.hear(packet)
        assert time.perf_counter() - began < 0.25
        sink.write(masked())
        time.sleep(0.02)
    assert sink.fault is None


def packets(count: int) -> list[SoundPacket]:
    """So many packets of silence, that begin now."""
    encoder, at = sound.encoder(CONFIG.sound), time.monotonic()
    return [packet for k in range(count) for packet in encoder.encode(silence(960), at + k / 50)]


def test_it_may_be_closed_unused_and_twice(sink):
    sink.close()
    sink.close()

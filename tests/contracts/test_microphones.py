"""What every microphone promises: 48 kHz stereo at the time it was heard, never a wait, never an exception."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from appliance import parts, sound
from appliance.core.sound import RATE_HZ, Heard
from tests.mofy_process import needs_gstreamer
from tests.waiting import PATIENCE_S

pytestmark = needs_gstreamer

DEVICES = {"alsa": "null", "pulse": "room.monitor"}
"""What needs one."""

needs_pulse = pytest.mark.skipif(
    shutil.which("pulseaudio") is None or shutil.which("gst-launch-1.0") is None, reason="pulseaudio is not installed"
)


class Room:
    """A PulseAudio server of our own, with a room in which a tone of 1 kHz sounds."""

    def __init__(self, folder: Path) -> None:
        socket = folder / "socket"
        self.environment = {"PULSE_SERVER": f"unix:{socket}", "PULSE_RUNTIME_PATH": str(folder), "HOME": str(folder)}
        modules = (
            f"module-native-protocol-unix auth-anonymous=1 socket={socket}",
            "module-null-sink sink_name=room rate=48000",
        )
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": {**os.environ, **self.environment}}
        options = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
        loaded = [word for module in modules for word in ("-L", module)]
        self.server = subprocess.Popen(["pulseaudio", *options, *loaded], **quiet)
        end_at = time.monotonic() + 10
        while not socket.exists():
            assert time.monotonic() < end_at, "pulseaudio did not start"
            time.sleep(0.05)
        tone = "audiotestsrc freq=1000 volume=0.5 ! audio/x-raw,rate=48000,channels=2 ! pulsesink device=room"
        self._player = subprocess.Popen(["gst-launch-1.0", "-q", *tone.split()], **quiet)

    def close(self) -> None:
        for process in (self._player, self.server):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    opened = Room(tmp_path_factory.mktemp("pulse"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in opened.environment.items():
            patch.setenv(name, value)
        yield opened
    opened.close()


@pytest.fixture(params=[pytest.param(n, marks=needs_pulse) if n == "pulse" else n for n in parts.names("sound")])
def source(request) -> str:
    """A source of each kind, that gives something."""
    if request.param == "pulse":
        request.getfixturevalue("room")
    return f"{request.param}:{DEVICES.get(request.param, '')}"


def heard(microphone: sound.Microphone, pieces: int, timeout_s: float = PATIENCE_S) -> list[Heard]:
    """So many pieces, and what came with them."""
    found: list[Heard] = []
    end_at = time.monotonic() + timeout_s
    while len(found) < pieces:
        assert time.monotonic() < end_at, (microphone.fault, len(found))
        found += microphone.read()
        time.sleep(0.02)
    return found


@pytest.mark.parametrize("disguise", ["off", "deep", "high"])
def test_it_gives_what_it_hears_now_and_says_when(source, disguise):
    microphone = sound.build(source, disguise)
    try:
        pieces = heard(microphone, 12)
        ages = [time.monotonic() - piece.captured_at for piece in pieces]
        assert {piece.disguise for piece in pieces} == {disguise}
        assert all(piece.samples.dtype == np.int16 and piece.samples.shape[1] == 2 for piece in pieces)
        assert all(-0.1 < age < 3 for age in ages)
        assert microphone.fault is None
        began = time.perf_counter()
        microphone.read()
        assert time.perf_counter() - began < 0.1
        microphone.disguise("off")
        end_at = time.monotonic() + 5
        while heard(microphone, 1)[-1].disguise != "off":
            assert time.monotonic() < end_at
    finally:
        microphone.close()
        microphone.close()


@needs_pulse
def test_a_server_that_goes_away_is_told_of_and_heard_again_when_it_is_back(tmp_path, monkeypatch):
    first = Room(tmp_path)
    for name, value in first.environment.items():
        monkeypatch.setenv(name, value)
    microphone = sound.build("pulse:room.monitor", "off")
    try:
        pieces = heard(microphone, 30)
        tone = np.concatenate([piece.samples[:, 0] for piece in pieces]).astype(float)[-RATE_HZ // 5 :]
        assert np.argmax(np.abs(np.fft.rfft(tone))) * RATE_HZ / len(tone) == pytest.approx(1000, abs=10)
        first.server.send_signal(signal.SIGKILL)
        first.close()
        end_at = time.monotonic() + 8
        while not microphone.fault:
            assert time.monotonic() < end_at
            time.sleep(0.05)
        assert microphone.fault.startswith("pulse:room.monitor: ")
        (tmp_path / "socket").unlink(missing_ok=True)
        second = Room(tmp_path)
        try:
            microphone.read()
            heard(microphone, 5, 15)
            assert microphone.fault is None
        finally:
            second.close()
    finally:
        microphone.close()
        first.close()

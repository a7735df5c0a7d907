"""The first start of a box: a slate while it measures itself, then the picture, with what was found."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time

import pytest

from appliance import boards, measuring, status, tuning
from tests.e2e.test_watchdog import Watchdog
from tests.mofy_process import CHECKOUT, Viewer, needs_gstreamer
from tests.ports import free_port
from tests.waiting import PATIENCE_S

pytestmark = needs_gstreamer

MEASURED = tuning.Trial("yunet-320x192-int8", 4, 1.0, holds=True)


@pytest.fixture
def box(tmp_path, monkeypatch):
    """Folder of a box that was never started, and where its supervisor listens."""
    for name in ("MOFY_DATA", "RUNTIME_DIRECTORY"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    listening = Watchdog(tmp_path / "notify")
    yield tmp_path, listening
    listening.close()


def start(port: int, *more: str) -> subprocess.Popen[bytes]:
    options = ("--source", "test", "--port", str(port), "--hdmi", "off", "--no-page", "--quiet", *more)
    return subprocess.Popen([sys.executable, "-m", "appliance.cli", "run", *options], cwd=CHECKOUT)


def listens(port: int, timeout_s: float = PATIENCE_S) -> None:
    end_at = time.monotonic() + timeout_s
    while time.monotonic() < end_at:
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("nobody listens")


def test_a_slate_stands_while_the_box_is_measured_and_then_the_picture_comes(box):
    data, supervisor = box
    port = free_port()
    address = f"rtsp://127.0.0.1:{port}/live"
    with measuring.under_way(data):
        engine = start(port)
        listens(port)
        slate = Viewer(address)
        assert slate.wait_for(lambda picture: True, 15).slate
        said = supervisor.hear(1.0)
        assert "READY=1" not in said
        assert any(word.startswith("EXTEND_TIMEOUT_USEC=") for word in said)
        assert status.read(data).state == "starting"
        outcome = tuning.Tuning((MEASURED,), MEASURED, 20.0)
        tuning.save(outcome, data)
    try:
        supervisor.hear_all("READY=1")
        assert all(picture.slate for picture in slate.seen)
        Viewer(address).wait_for(lambda picture: picture.ground < 20 or not picture.slate, 15)
        assert status.read(data).state == "running"
    finally:
        engine.terminate()
        assert engine.wait(20) == 0


def test_a_box_that_was_measured_before_does_not_wait(box):
    data, supervisor = box
    kept = {**boards.marks(), "options": {"faces": {"tiles_a_frame": 1}}}
    (data / boards.TUNED).write_text(json.dumps(kept))
    with measuring.under_way(data):
        engine = start(free_port())
        supervisor.hear_all("READY=1")
        engine.terminate()
        assert engine.wait(20) == 0


def test_stopped_while_it_waits_it_ends(box):
    data, _ = box
    with measuring.under_way(data):
        engine = start(port := free_port())
        listens(port)
        engine.terminate()
        assert engine.wait(20) == 0


def test_a_box_that_cannot_start_ends_in_a_slate_and_not_in_silence(box):
    """A mistake in its options, say: the first failure is tried again at once, the next one is shown and reported."""
    data, _supervisor = box
    wrong, port = data / "mofy.toml", free_port()
    wrong.write_text('[faces]\ndetector = "nonsense"\n')
    assert start(port, "--config", str(wrong)).wait(60) == 1
    failing = start(port, "--config", str(wrong))
    try:
        listens(port)
        assert Viewer(f"rtsp://127.0.0.1:{port}/live").wait_for(lambda picture: True, 15).slate
        told = status.read(data)
        assert told.state == "failed"
        assert "there is no model 'nonsense'" in told.faults[0]
    finally:
        failing.terminate()
    assert failing.wait(PATIENCE_S) == 1

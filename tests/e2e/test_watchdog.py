"""What systemd hears from a real `mofy run`: pictures feed its watchdog; what hangs starves it; no camera does not."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from appliance.status import read as read_status
from tests.mofy_process import Mofy, Viewer, clip, needs_gstreamer
from tests.ports import free_port
from tests.waiting import PATIENCE_S

pytestmark = needs_gstreamer

FED_S = 2.0
"""Meals are half a second apart; so long without one is hunger."""


class Watchdog:
    """Listens where systemd would."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(0.1)

    def hear(self, seconds: float) -> list[str]:
        """What is said in the time from now."""
        said, end_at = [], time.monotonic() + seconds
        while time.monotonic() < end_at:
            try:
                said.append(self._socket.recv(256).decode())
            except TimeoutError:
                continue
        return said

    def hear_all(self, word: str, timeout_s: float = PATIENCE_S) -> list[str]:
        """What is said until the word is."""
        said: list[str] = []
        end_at = time.monotonic() + timeout_s
        while word not in said and time.monotonic() < end_at:
            said += self.hear(0.2)
        assert word in said, f"{word} was not said in {timeout_s} s, only {said}"
        return said

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def watchdog(tmp_path, monkeypatch):
    path = tmp_path / "notify"
    listening = Watchdog(path)
    monkeypatch.setenv("NOTIFY_SOCKET", str(path))
    yield listening
    listening.close()


def test_pictures_feed_it_from_readiness_on(watchdog, tmp_path):
    with Mofy(tmp_path / "data", "--source", "test", detector="red") as mofy:
        said = watchdog.hear_all("READY=1")
        assert said.count("READY=1") == 1
        assert watchdog.hear(FED_S).count("WATCHDOG=1") >= 2
        mofy.stop()
        assert watchdog.hear(0.5)[-1] == "STOPPING=1"


def test_a_part_that_hangs_starves_it(watchdog, tmp_path):
    """Though slates still leave and reports are still written: who is stuck must be killed."""
    film = clip(tmp_path / "film.mp4")
    with Mofy(tmp_path / "data", "--source", str(film), "--loop", detector="red:hang:60") as mofy:
        viewer = Viewer(mofy.address)
        watchdog.hear_all("WATCHDOG=1")
        viewer.wait_for(lambda picture: picture.slate, 15)
        watchdog.hear(1.0)
        assert watchdog.hear(FED_S) == []


def test_an_absent_camera_does_not(watchdog, tmp_path, monkeypatch):
    """Viewers stay connected to the slate, and the camera may come back."""
    film = clip(tmp_path / "film.mp4")
    monkeypatch.delenv("NOTIFY_SOCKET")
    with Mofy(tmp_path / "camera", "--source", str(film), "--loop", detector="blind") as camera:
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with Mofy(tmp_path / "box", "--source", camera.address, detector="red") as box:
            viewer = Viewer(box.address)
            viewer.wait_for(lambda picture: not picture.slate)
            watchdog.hear_all("READY=1")
            camera.process.kill()
            viewer.wait_for(lambda picture: picture.slate)
            watchdog.hear(1.0)
            assert watchdog.hear(2 * FED_S).count("WATCHDOG=1") >= 4
            assert not viewer.ended.is_set()


def test_a_camera_that_comes_after_the_start_is_waited_for_behind_a_slate(watchdog, tmp_path, monkeypatch):
    """It has started all the same: or a box whose camera is left out would never have booted, nor been installed."""
    film = clip(tmp_path / "film.mp4")
    place = f"rtsp://127.0.0.1:{free_port()}/live"
    with Mofy(tmp_path / "box", "--source", place, "--wait", "--style", "solid", detector="red") as box:
        viewer = Viewer(box.address)
        viewer.wait_for(lambda picture: picture.slate)
        watchdog.hear_all("READY=1")
        assert read_status(tmp_path / "box/mofy").state == "no-picture"
        assert watchdog.hear(FED_S).count("WATCHDOG=1") >= 2
        monkeypatch.delenv("NOTIFY_SOCKET")
        port = place.split(":")[2].split("/")[0]
        with Mofy(tmp_path / "camera", "--source", str(film), "--loop", "--port", port, detector="blind"):
            viewer.wait_for(lambda picture: not picture.slate, 15)
            assert "READY=1" not in watchdog.hear(0.2)
        assert not any(picture.leaked for picture in viewer.seen)

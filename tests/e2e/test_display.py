"""The masked picture on a real X screen, read back from the screen; slates with what only it may tell."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from appliance.config import load
from appliance.core.veiling import veil
from appliance.sinks._letterbox import place
from appliance.sinks.hdmi import HdmiSink
from appliance.store import Store
from tests.contracts.test_sinks import MASK
from tests.core.test_slate import LOCAL, PAGE, STREAM, read_codes
from tests.mofy_process import Mofy, Viewer, clip, needs_gstreamer
from tests.striped import differs, stripes
from tests.waiting import PATIENCE_S, slowness

SCREEN = (1024, 768)
"""Of another shape than any picture here."""

pytestmark = [
    needs_gstreamer,
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed"),
]


class Desktop:
    """An X server whose screen is a file, which is read like one."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "Xvfb_screen0"
        reading, writing = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{SCREEN[0]}x{SCREEN[1]}x24", "-fbdir", str(folder)],
            pass_fds=(writing,), stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(writing)
        with os.fdopen(reading) as number:
            self.name = f":{number.readline().strip()}"

    def shot(self) -> np.ndarray:
        """What is on the screen, (h, w, 3) red first."""
        dump = self._file.read_bytes()
        # XWD: a header of big-endian words, whose first is its size, then the colour map, then rows of BGRX.
        header = np.frombuffer(dump, ">u4", 25)
        start = int(header[0]) + int(header[19]) * 12
        rows = np.frombuffer(dump, np.uint8, int(header[12]) * int(header[5]), start)
        return rows.reshape(int(header[5]), -1, 4)[:, : int(header[4]), 2::-1]

    def wait_for(self, what, timeout_s: float = PATIENCE_S) -> np.ndarray:
        """The first shot of which what(shot) is true."""
        end_at = time.monotonic() + timeout_s
        while time.monotonic() < end_at:
            if what(shot := self.shot()):
                return shot
            time.sleep(0.1)
        raise AssertionError("not seen on the screen")

    def end(self) -> None:
        """As when somebody logs out."""
        self.process.kill()
        self.process.wait()


@pytest.fixture
def desktop(tmp_path, monkeypatch) -> Iterator[Desktop]:
    """One for this test alone."""
    folder = tmp_path / "screen"
    folder.mkdir()
    desktop = Desktop(folder)
    monkeypatch.setenv("DISPLAY", desktop.name)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    yield desktop
    desktop.end()


def feed(sink: HdmiSink, frame, seconds: float = 1.0) -> None:
    end_at = time.monotonic() + seconds
    while time.monotonic() < end_at:
        sink.write(replace(frame, captured_at=time.monotonic()))
        time.sleep(0.03)


@pytest.mark.parametrize("output", ["x11", "gl"])
def test_pictures_of_any_shape_are_whole_and_never_stretched(desktop, output):
    sink = HdmiSink(load(changes={"hdmi": {"output": output}}).hdmi)
    for size in ((640, 360), (270, 480), (640, 480)):
        where = place(*size, SCREEN)
        frame = veil(stripes(*size), (), MASK)
        feed(sink, frame)
        assert differs(desktop.shot(), where.x0, where.y0, where.x1, where.y1) == "", size
    sink.tell(LOCAL)
    desktop.wait_for(lambda shot: read_codes(np.ascontiguousarray(shot[:, :, ::-1])) == {PAGE, STREAM})
    assert (sink.fault, sink.display) == (None, f"window {SCREEN[0]}x{SCREEN[1]}")
    sink.close()
    desktop.wait_for(lambda shot: shot.max() == 0)


def test_the_box_from_slate_to_picture_and_a_desktop_that_ends(desktop, tmp_path):
    data = tmp_path / "box"
    Store.open(data, create=True)
    (data / "page-first-pin").write_text("482913\n")
    film = clip(tmp_path / "film.mp4", seconds=6)
    options = "--source", str(film), "--loop", "--style", "solid", "--hdmi", "x11"
    with Mofy(data, *options, "--address", "0.0.0.0", detector="red") as mofy:
        secret = (data / "rtsp-password").read_text().strip()
        address = mofy.address.replace("rtsp://", f"rtsp://mofy:{secret}@").replace("0.0.0.0", "127.0.0.1")
        viewer = Viewer(address)
        viewer.wait_for(lambda picture: not picture.slate)
        where = place(640, 360, SCREEN)
        shot = desktop.wait_for(lambda shot: abs(int(shot[SCREEN[1] // 2, 20, 0]) - 130) < 12)
        assert shot[: where.y0 - 1].max() <= 12, "letterboxed"
        reds = (shot[:, :, 0].astype(int) - shot[:, :, 1]) > 80
        assert not reds.any(), "no bare face on the screen"
        store = Store.open(data)
        store.set_setting("sign", "display", "test")
        corner = slice(where.y1 - 60, where.y1 - 12), slice(12, 300)
        desktop.wait_for(lambda shot: (shot[corner] > 200).any(), 5)
        store.set_setting("mode", "slate", "test")
        shown = desktop.wait_for(lambda shot: 8 < np.median(shot) < 60 and shot[4, 4].max() > 8)
        told = read_codes(np.ascontiguousarray(shown[:, :, ::-1]))
        assert any(secret in text for text in told), "the display tells how to watch"
        streamed = Snapshot(address).bgr
        assert read_codes(streamed) == set(), "the stream tells nobody"
        assert np.median(streamed) < 60
        desktop.end()
        store.set_setting("mode", "selective", "test")
        viewer.wait_for(lambda picture: not picture.slate)
        before = len(viewer.seen)
        time.sleep(2)
        assert len(viewer.seen) - before > 20, "the stream does not need the display"
        assert mofy.stop(signal.SIGTERM) < 4.0 * slowness()
        assert mofy.process.returncode == 0
    assert not [picture for picture in viewer.seen if picture.leaked]


class Snapshot:
    """One picture of a stream, as OpenCV likes it; taken after the stream has settled."""

    def __init__(self, address: str) -> None:
        import av

        with av.open(address, options={"rtsp_transport": "tcp"}, timeout=10.0) as stream:
            for index, picture in enumerate(stream.decode(video=0)):
                self.bgr = cv2.cvtColor(picture.to_ndarray(format="rgb24"), cv2.COLOR_RGB2BGR)
                if index >= 5:
                    return

"""Real processes and real clients: `mofy run` as users start it, viewers that note what reaches them and when.

Red stands for a face: a detector that finds red can be told when to fail, and a red pixel at the viewer's is a leak.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.waiting import PATIENCE_S

CHECKOUT = Path(__file__).resolve().parents[1]
WIDTH, HEIGHT, FPS, FACE = 640, 360, 30, 96
START_S = 60.0
"""For a start, on a machine that is busy with much else."""

RED, GREY = (84, 100, 230), (128, 128, 128)
"""(y, u, v) of the face and of what is behind it."""

LEAKED_V = 170
"""Chroma that no slate, no cover and no background has, whatever the codec did to it."""

SHOWN_U, SHOWN_V = 92, 84
"""Chroma below which a pixel is of the green face."""

needs_gstreamer = pytest.mark.skipif(
    importlib.util.find_spec("gi") is None, reason="GStreamer's Python binding is not installed: ./install.sh setup"
)
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


def clip(path: Path, seconds: float = 4.0, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Path:
    """A film of one red face that walks over a grey ground."""
    import av

    width, height = size
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "crf": "12"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for index in range(round(seconds * FPS)):
            # To and fro: a leap would be another face.
            far = width - FACE - 80
            x = 40 + abs((4 * index) % (2 * far) - far)
            film.mux(stream.encode(_picture(av, width, height, x // 2 * 2, height // 4 * 2 - FACE // 2, index)))
        film.mux(stream.encode(None))
    return path


def _picture(av: Any, width: int, height: int, x: int, y: int, index: int) -> Any:
    picture = av.VideoFrame(width, height, "yuv420p")
    for k, (plane, step) in enumerate(zip(picture.planes, (1, 2, 2))):
        pixels = np.ndarray((height // step, width // step), np.uint8, memoryview(plane), 0, (plane.line_size, 1))
        pixels[:] = GREY[k]
        pixels[y // step : (y + FACE) // step, x // step : (x + FACE) // step] = RED[k]
    picture.pts, picture.time_base = index, Fraction(1, FPS)
    return picture


@dataclass(frozen=True)
class Seen:
    """One picture as it reached a viewer."""

    at: float
    """time.monotonic()."""
    ground: float
    """Median luma: 128 of the film, about 43 of a slate."""
    leaked: int
    """Pixels of bare face, in quarter pixels of chroma."""
    size: tuple[int, int]
    shown: int = 0
    """Pixels of a bare green face, which may be enrolled; likewise."""

    @property
    def slate(self) -> bool:
        """True for what stands in for a picture."""
        return self.ground < 80


def seen(picture: Any) -> Seen:
    """What a decoded picture shows."""
    planes = [
        np.ndarray((h, w), np.uint8, memoryview(plane), 0, (plane.line_size, 1))
        for plane, w, h in zip(picture.planes, *_sizes(picture))
    ]
    leaked = int((planes[2] > LEAKED_V).sum())
    shown = int(((planes[1] < SHOWN_U) & (planes[2] < SHOWN_V)).sum())
    return Seen(time.monotonic(), float(np.median(planes[0])), leaked, (picture.width, picture.height), shown)


def _sizes(picture: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    w, h = picture.width, picture.height
    return (w, (w + 1) // 2, (w + 1) // 2), (h, (h + 1) // 2, (h + 1) // 2)


class Viewer:
    """Watches a stream in a thread until it ends."""

    def __init__(self, address: str, transport: str = "tcp") -> None:
        self.began_at = time.monotonic()
        self.seen: list[Seen] = []
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(address, transport), daemon=True)
        self._thread.start()

    def _watch(self, address: str, transport: str) -> None:
        import av

        # Left alone, ffmpeg collects a second of a stream before it shows the first picture.
        eager = {"rtsp_transport": transport, "flags": "low_delay", "probesize": "32"}
        options = eager if address.startswith("rtsp") else {}
        try:
            with av.open(address, options=options, timeout=5.0) as stream:
                stream.streams.video[0].codec_context.thread_count = 1
                for picture in stream.decode(video=0):
                    self.seen.append(seen(picture))
        except (av.FFmpegError, OSError):
            pass
        finally:
            self.ended.set()

    def wait_for(self, what: Any, timeout_s: float = PATIENCE_S) -> Seen:
        """The first picture, from now on, for which what(Seen) is true."""
        begin, end_at = len(self.seen), time.monotonic() + timeout_s
        while time.monotonic() < end_at:
            for picture in self.seen[begin:]:
                if what(picture):
                    return picture
            time.sleep(0.02)
        raise AssertionError(f"not seen within {timeout_s} s; the last pictures were {self.seen[-3:]}")


class Mofy:
    """`mofy run` in a process of its own, until the block ends."""

    def __init__(self, folder: Path, *options: str, detector: str = "real") -> None:
        """detector: "real", "blind", "red", or red with a fault ("red:raise:40"); see tests/injected."""
        command = [sys.executable, "-m", "tests.injected", detector, "run", "--port", "0", "--address", "127.0.0.1"]
        command += ["--no-page", "--hdmi", "off"]  # dozens of these run, and a page has one port
        environment = {**os.environ, "MOFY_DATA": str(folder), "XDG_RUNTIME_DIR": str(folder)}
        environment.pop("RUNTIME_DIRECTORY", None)
        folder.mkdir(parents=True, exist_ok=True)
        self._said, self._wrong = folder / "said.txt", folder / "wrong.txt"
        with self._said.open("w") as said, self._wrong.open("w") as wrong:
            self.process = subprocess.Popen(
                [*command, *options], cwd=CHECKOUT, env=environment, stdout=said, stderr=wrong
            )
        self.address = self._address()

    def _address(self) -> str:
        end_at = time.monotonic() + START_S
        while self.process.poll() is None and time.monotonic() < end_at:
            if match := re.search(r"masked stream: (\S+)\n", self.said()):
                return match[1]
            time.sleep(0.02)
        return ""

    def __enter__(self) -> Mofy:
        if not self.address:
            self.__exit__()
            raise AssertionError(f"did not start: {self.errors()}")
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Ask it to end; the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(PATIENCE_S)
        return time.monotonic() - began

    def said(self) -> str:
        """What it wrote to standard output so far."""
        return self._said.read_text(encoding="utf-8")

    def errors(self) -> str:
        """What it wrote to standard error so far."""
        return self._wrong.read_text(encoding="utf-8")

"""One engine under measurement: started, watched by a decoding viewer, visited by others, killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np

from appliance import status
from appliance.capture.walk import photos_folder
from appliance.status import Status
from tests.benchmarks.setting import CHECKOUT
from tests.benchmarks.soak import stamp
from tests.ports import free_port

STARTING_S = 60.0


class Box:
    """`mofy run` before the staged scene, in a process of its own."""

    def __init__(self, folder: Path, size: tuple[int, int]) -> None:
        self.data = folder
        self._told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._told.bind(str(folder / "notify"))
        self._told.settimeout(STARTING_S)
        port = free_port()
        self.address = f"rtsp://127.0.0.1:{port}/live"
        self._command = [sys.executable, "-m", "tests.benchmarks.soak.scene", "run", "--source", "walk", "--quiet"]
        self._command += ["--width", str(size[0]), "--height", str(size[1]), "--port", str(port), "--no-page"]
        self._environment = {**os.environ, "MOFY_DATA": str(folder), "XDG_RUNTIME_DIR": str(folder)}
        self._environment |= {"NOTIFY_SOCKET": str(folder / "notify"), "MOFY_PHOTOS": str(photos_folder())}
        self._environment.pop("RUNTIME_DIRECTORY", None)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Seconds from the program's start to its first masked frame."""
        began = time.monotonic()
        self.process = subprocess.Popen(self._command, cwd=CHECKOUT, env=self._environment)
        while b"READY=1" not in self._told.recv(256):
            pass
        self._told.setblocking(False)
        return time.monotonic() - began

    def kill(self) -> None:
        """As a crash would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._hear()
        self._told.settimeout(STARTING_S)

    def status(self) -> Status:
        """The newest report."""
        self._hear()
        return status.read(self.data / "mofy")

    def _hear(self) -> None:
        """Empty the socket: a full one would make the engine wait."""
        self._told.setblocking(False)
        try:
            while self._told.recv(256):
                pass
        except BlockingIOError:
            pass


class Eye:
    """Decodes the stream for a while and notes when each stamped frame came out of the decoder."""

    def __init__(self, address: str) -> None:
        self.seen: list[tuple[int, int, float]] = []
        """(frame number, milliseconds stamped, milliseconds decoded)."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(address,), daemon=True)
        self._thread.start()

    def _watch(self, address: str) -> None:
        import av

        options = {"rtsp_transport": "tcp", "flags": "low_delay", "probesize": "32"}
        try:
            with av.open(address, options=options, timeout=10.0) as stream:
                stream.streams.video[0].codec_context.thread_count = 1
                for picture in stream.decode(video=0):
                    now_ms = time.monotonic() * 1000
                    plane = picture.planes[0]
                    y = np.ndarray(
                        (picture.height, picture.width), np.uint8, memoryview(plane), 0, (plane.line_size, 1)
                    )
                    if (found := stamp.read(y)) is not None:
                        self.seen.append((*found, now_ms))
                    if self._stop.is_set():
                        return
        except (av.FFmpegError, OSError):
            pass

    def close(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join(5)

    def latencies_ms(self, window: int) -> list[float]:
        """From the moment a frame might leave (when the one `window` later was read) until it was decoded."""
        stamped = {number: ms for number, ms, _ in self.seen}
        released = ((stamped.get((number + window) % (1 << stamp.COUNT_BITS)), at) for number, _, at in self.seen)
        rounds = stamp.ROUND_MS
        return [((at - ms + rounds / 2) % rounds) - rounds / 2 for ms, at in released if ms is not None]

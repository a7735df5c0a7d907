"""One engine under measurement: started, asked how it is, killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from appliance import status
from appliance.capture.walk import photos_folder
from appliance.status import Status
from tests.benchmarks.setting import CHECKOUT
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

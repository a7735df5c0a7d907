"""A real broker for a test: mosquitto in a process of its own, on ports of its own, with a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.waiting import awaited

PROGRAM = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

needs_clients = pytest.mark.skipif(
    shutil.which("mosquitto_pub") is None, reason="mosquitto-clients is not installed: ./install.sh test brings it"
)
needs_mosquitto = pytest.mark.skipif(PROGRAM is None, reason="mosquitto is not installed: ./install.sh test brings it")


class Mosquitto:
    """The broker; may be killed and started again on the same port with what it kept."""

    def __init__(self, folder: Path, lines: Sequence[str] = ("allow_anonymous true",), port: int = 0) -> None:
        """lines: of its configuration; {port} in them is the port, given or a free one."""
        assert PROGRAM is not None
        self.port = port or free_port()
        self.folder = folder
        self._kept = folder / "kept"
        self._kept.mkdir(parents=True, exist_ok=True)
        self._config = folder / "mosquitto.conf"
        # Root's broker would become another user, who could not read a test's files.
        user = [f"user {pwd.getpwuid(os.geteuid()).pw_name}"]
        if not any(line.startswith("listener") for line in lines):
            lines = ["listener {port} 127.0.0.1", *lines]
        kept = [
            "persistence true",
            f"persistence_location {self._kept}/",
            "autosave_interval 1",
            "autosave_on_changes true",
        ]
        text = "\n".join([*user, *kept, *lines]).replace("{port}", str(self.port))
        self._config.write_text(text + "\n", encoding="utf-8")
        self._log = folder / "mosquitto.log"
        self.start()

    def start(self) -> None:
        """Run, and answer."""
        with self._log.open("a") as out:
            self.process = subprocess.Popen([str(PROGRAM), "-v", "-c", str(self._config)], stdout=out, stderr=out)
        awaited(lambda: self._answers() or self.process.poll() is not None)
        assert self.process.poll() is None, self.log()

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it."""
        self.process.send_signal(number)
        self.process.wait(10)

    def log(self) -> str:
        """All that it said."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1):
                return True
        except OSError:
            return False

    def __enter__(self) -> Mosquitto:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

"""A flood of orders on a broker, at a steady pace, from a process of its own."""

from __future__ import annotations

import subprocess
import threading
import time
from types import TracebackType

STEP_S = 0.01


class Flood:
    """Publishes `rate` messages a second to a topic until the block ends."""

    def __init__(self, port: int, topic: str, rate: int, payload: bytes = b"solid") -> None:
        command = ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(port), "-t", topic, "-q", "0", "-l"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE)
        self._rate, self._payload = rate, payload
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._pour)
        self.sent = 0

    def _pour(self) -> None:
        assert self._process.stdin is not None
        began = time.monotonic()
        while not self._stop.wait(STEP_S):
            due = round((time.monotonic() - began) * self._rate) - self.sent
            self._process.stdin.write((self._payload + b"\n") * due)
            self._process.stdin.flush()
            self.sent += due

    def __enter__(self) -> Flood:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()
        self._process.kill()
        self._process.communicate()

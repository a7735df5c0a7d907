"""The engine before a painted scene, started again whenever it ends, as systemd does; and a viewer who always comes
back and keeps everything that ever reached him."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from appliance import model_files
from appliance.status import Status
from appliance.status import read as read_status
from appliance.store import Desired, Store
from appliance.store.people import Template
from tests.coloured_faces import DIMENSIONS
from tests.faulty import ORDER
from tests.mofy_process import CHECKOUT, Seen, seen
from tests.ports import free_port
from tests.waiting import PATIENCE_S

RESTART_S = 0.5
"""As in systemd/mofy-engine.service."""

SHOWN_PX = 300
"""Quarter pixels of the green face from which it counts as shown: of 48 times 48."""


class Watcher:
    """Watches a stream in a thread, and connects again whenever it ends."""

    def __init__(self, address: str) -> None:
        self.seen: list[Seen] = []
        self.connections = 0
        """How often a stream was opened."""
        self._newest_from = 0
        self._address = address
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        import av

        options = {"rtsp_transport": "tcp", "flags": "low_delay", "probesize": "32"}
        while not self._stop.wait(0.05):
            try:
                with av.open(self._address, options=options, timeout=(2.0, 60.0)) as stream:
                    self._newest_from = len(self.seen)
                    self.connections += 1
                    stream.streams.video[0].codec_context.thread_count = 1
                    for picture in stream.decode(video=0):
                        self.seen.append(seen(picture))
                        if self._stop.is_set():
                            return
            except (av.FFmpegError, OSError):
                continue

    def wait_for(self, what: Callable[[Seen], bool], timeout_s: float = PATIENCE_S) -> Seen:
        """The first picture, from now on, for which what(Seen) is true."""
        begin, end_at = len(self.seen), time.monotonic() + timeout_s
        while time.monotonic() < end_at:
            for picture in self.seen[begin:]:
                if what(picture):
                    return picture
            time.sleep(0.01)
        raise AssertionError(f"not seen within {timeout_s} s; the last pictures were {self.seen[-3:]}")

    def after_connection(self, count: int, timeout_s: float = PATIENCE_S) -> list[Seen]:
        """What came over the newest connection, one after so many, as soon as there is something."""
        end_at = time.monotonic() + timeout_s
        while self.connections <= count or len(self.seen) <= self._newest_from:
            assert time.monotonic() < end_at, f"no picture over a new connection within {timeout_s} s"
            time.sleep(0.01)
        return self.seen[self._newest_from :]

    def since(self, moment: float) -> list[Seen]:
        """What came after this moment of time.monotonic()."""
        return [picture for picture in self.seen if picture.at > moment]

    def end(self) -> None:
        """Watch no more."""
        self._stop.set()
        self._thread.join(3)


class Supervised:
    """`mofy run` before the painted scene, kept running. Green is enrolled."""

    def __init__(self, folder: Path, *options: str, within: Sequence[str] = ()) -> None:
        """within: a command that runs the one after it."""
        self.data = folder / "data"
        self.folder = folder
        self.green = enrol_green(self.data)
        self.desired = Desired(self.data)
        self.deaths: list[tuple[float, int]] = []
        """(time.monotonic(), exit code) of each end."""
        self._port = free_port()
        self.address = f"rtsp://127.0.0.1:{self._port}/live"
        self._command = [*within, sys.executable, "-m", "tests.faulty", str(folder), "run", "--source", "painted"]
        self._command += ["--address", "127.0.0.1", "--port", str(self._port), "--no-page", "--style", "solid"]
        self._command += ["--quiet", *options]
        self._environment = {**os.environ, "MOFY_DATA": str(self.data), "XDG_RUNTIME_DIR": str(folder)}
        self._environment.pop("RUNTIME_DIRECTORY", None)
        self._stop = threading.Event()
        self.process = self._started()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()
        self.viewer = Watcher(self.address)

    def _started(self) -> subprocess.Popen[bytes]:
        with (self.folder / "wrong.txt").open("a") as wrong:
            return subprocess.Popen(self._command, cwd=CHECKOUT, env=self._environment, stderr=wrong)

    def _keep(self) -> None:
        while True:
            code = self.process.wait()
            self.deaths.append((time.monotonic(), code))
            if self._stop.wait(RESTART_S):
                return
            self.process = self._started()

    def order(self, words: str) -> float:
        """Let a part fail from now on; the present moment."""
        draft = self.folder / "draft"
        draft.write_text(words, encoding="utf-8")
        draft.replace(self.folder / ORDER)
        return time.monotonic()

    def well(self) -> None:
        """Let all parts work again."""
        (self.folder / ORDER).unlink(missing_ok=True)

    def wait_for_death(self, count: int, timeout_s: float = PATIENCE_S) -> int:
        """The exit code of the end after so many."""
        end_at = time.monotonic() + timeout_s
        while len(self.deaths) <= count:
            assert time.monotonic() < end_at, "the engine did not end"
            time.sleep(0.01)
        return self.deaths[count][1]

    def wait_until_shown(self, timeout_s: float = PATIENCE_S) -> Seen:
        """The first picture from now on in which green, who is enrolled, is bare."""
        return self.viewer.wait_for(lambda picture: picture.shown > SHOWN_PX, timeout_s)

    def status(self) -> Status:
        """The engine's report."""
        return read_status(self.folder / "mofy")

    def wait_for_status(self, what: Callable[[Status], bool], timeout_s: float = PATIENCE_S) -> Status:
        """The first report for which what(Status) is true."""
        end_at = time.monotonic() + timeout_s
        while not what(now := self.status()):
            assert time.monotonic() < end_at, now
            time.sleep(0.05)
        return now

    def errors(self) -> list[str]:
        """Lines of standard error, of all runs."""
        return (self.folder / "wrong.txt").read_text(encoding="utf-8").splitlines()

    def end(self) -> None:
        """End everything."""
        self._stop.set()
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self._thread.join(5)
        self.viewer.end()


def enrol_green(data: Path, expires_at: float | None = None) -> str:
    """Enrol whoever is green, three photos; the id."""
    row = np.eye(DIMENSIONS, dtype=np.float32)[1]
    crop = np.zeros((112, 112, 3), np.uint8)
    templates = [Template(model_files.default("embedder").id, row, crop, 0.9, 0.1) for _ in range(3)]
    return Store.open(data, create=True).enrol("Green", templates, "test", expires_at=expires_at).id

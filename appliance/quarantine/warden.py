"""The asker's side: gives files to the keeper and listens to what the cells say, however long or strange."""

from __future__ import annotations

import os
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import IO

from appliance.errors import InputError
from appliance.quarantine.looks import Kind, Look, failed, heard

LIMIT_S: Mapping[str, int] = {"photo": 12, "clip": 60}
"""How long a cell may take, on a clock: a board that is busy with the picture is slow."""

START_S = 60.0
QUEUE_S = 90.0
"""How long one waits for the files before it."""

IDLE_S = 300.0
"""Of so long without a file the keeper ends: its models take memory."""

GONE_S = 0.2
MOST_BYTES = 8_000_000
"""Of an answer."""


class Warden:
    """Looks at strangers' files, one at a time. May be shared by threads; `close` ends the keeper."""

    def __init__(self, model: str) -> None:
        """model: the id that templates must carry."""
        self._model = model
        self._turn = threading.Lock()
        self._keeper: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._asked_at = 0.0
        self._timer: threading.Timer | None = None

    def look(self, file: IO[bytes], clip: bool = False) -> Look:
        """What is in the open file (with a descriptor; from its beginning). Raises InputError when it is not its turn
        for too long, or no keeper can be started; whatever the file does to its cell is told by the look."""
        if not self._turn.acquire(timeout=QUEUE_S):
            raise InputError("too many photos are waiting to be looked at; try again in a minute")
        try:
            os.lseek(file.fileno(), 0, os.SEEK_SET)
            kind: Kind = "clip" if clip else "photo"
            said = self._asked(file.fileno(), kind)
            if said == b"" and self._is_gone():
                said = self._asked(file.fileno(), kind)
            if said is None:
                self._end()
                return failed(kind, "slow", "took too long to look at")
            try:
                return heard(said, self._model)
            except ValueError:
                return failed(kind, "unreadable", "cannot be decoded")
        finally:
            self._rest()
            self._turn.release()

    def warm(self) -> None:
        """Start the keeper in good time, without waiting for it."""
        threading.Thread(target=self._warm, daemon=True).start()

    def close(self) -> None:
        """End the keeper; the next file starts another."""
        with self._turn:
            self._end()

    def _warm(self) -> None:
        if self._turn.acquire(blocking=False):
            try:
                with suppress(InputError):
                    self._started()
                self._rest()
            finally:
                self._turn.release()

    def _asked(self, file: int, kind: Kind) -> bytes | None:
        """What a cell said of the file; None when it said it for too long."""
        line = self._started()
        ours, theirs = os.pipe()
        try:
            socket.send_fds(line, [bytes([LIMIT_S[kind]])], [file, theirs])
        except OSError:
            self._end()
            os.close(ours)
            raise InputError("the photos cannot be looked at now; try again") from None
        finally:
            os.close(theirs)
        return _heard(ours, LIMIT_S[kind] + 5.0)

    def _is_gone(self) -> bool:
        """True when the keeper has died, not only its cell."""
        with suppress(subprocess.TimeoutExpired):
            return self._keeper is None or self._keeper.wait(GONE_S) is not None
        return False

    def _started(self) -> socket.socket:
        """The line to a keeper that is ready; raises InputError."""
        if self._line is not None and self._keeper is not None and self._keeper.poll() is None:
            return self._line
        self._end()
        ours, theirs = socket.socketpair()
        environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME", "LANG") if name in os.environ}
        self._keeper = subprocess.Popen(
            [sys.executable, "-m", "appliance.quarantine.keeper"],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**environment, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            start_new_session=True,
        )
        theirs.close()
        ours.settimeout(START_S)
        self._line = ours
        try:
            if ours.recv(1) == b"\n":
                return ours
        except OSError:
            pass
        self._end()
        raise InputError("the photos cannot be looked at: the face models could not be loaded")

    def _rest(self) -> None:
        """End the keeper when nothing comes for a while."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(IDLE_S, self.close)
        self._timer.daemon = True
        self._timer.start()

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._line is not None:
            self._line.close()
        if self._keeper is not None:
            self._keeper.kill()
            self._keeper.wait()
        self._line = self._keeper = None


def _heard(pipe: int, limit_s: float) -> bytes | None:
    """All that comes until the other end closes; None when that takes too long or is too much."""
    said, end_at = bytearray(), time.monotonic() + limit_s
    with os.fdopen(pipe, "rb", buffering=0) as source, selectors.DefaultSelector() as ready:
        ready.register(source, selectors.EVENT_READ)
        while (left_s := end_at - time.monotonic()) > 0 and len(said) <= MOST_BYTES:
            if ready.select(left_s):
                part = source.read(1 << 16)
                if not part:
                    return bytes(said)
                said += part
    return None

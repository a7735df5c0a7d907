"""A thread that does a sink's slow work, so that the camera need not wait for it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from appliance.core.veiling import MaskedFrame


class Worker:
    """Hands frames to `consume` in their order; when it cannot follow, the oldest waiting frame is lost."""

    def __init__(self, name: str, consume: Callable[[MaskedFrame], None], waiting: int) -> None:
        self.fault: str | None = None
        """Why it stopped, in words; None while it works."""
        self.lost = 0
        """Frames it could not follow."""
        self._consume = consume
        self._frames: deque[MaskedFrame] = deque(maxlen=waiting)
        self._wake = threading.Condition()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, frame: MaskedFrame) -> None:
        """Leave a frame; returns at once."""
        with self._wake:
            if self.fault is not None or self._ending:
                return
            self.lost += len(self._frames) == self._frames.maxlen
            self._frames.append(frame)
            self._wake.notify()

    def finish(self, timeout_s: float) -> bool:
        """Let it do what is waiting, at most so long; True when it has."""
        with self._wake:
            self._ending = True
            self._wake.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (frame := self._next()) is not None:
            try:
                self._consume(frame)
            except Exception as error:  # whatever a disk or a codec may throw: this output ends, the picture goes on
                self.fault = str(error) or type(error).__name__
                return

    def _next(self) -> MaskedFrame | None:
        with self._wake:
            while not self._frames and not self._ending:
                self._wake.wait()
            return self._frames.popleft() if self._frames else None

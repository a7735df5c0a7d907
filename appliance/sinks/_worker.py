"""A thread that does a sink's slow work, so that the camera need not wait for it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
"""What is handed over: frames, or frames and sound."""


class Worker(Generic[T]):
    """Hands things to `consume` in their order; when it cannot follow, the oldest that waits is lost."""

    def __init__(self, name: str, consume: Callable[[T], None], waiting: int) -> None:
        self.fault: str | None = None
        """Why it stopped, in words; None while it works."""
        self.lost = 0
        """How many it could not follow."""
        self._consume = consume
        self._things: deque[T] = deque(maxlen=waiting)
        self._wake = threading.Condition()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, thing: T) -> None:
        """Leave one; returns at once."""
        with self._wake:
            if self.fault is not None or self._ending:
                return
            self.lost += len(self._things) == self._things.maxlen
            self._things.append(thing)
            self._wake.notify()

    def finish(self, timeout_s: float) -> bool:
        """Let it do what is waiting, at most so long; True when it has."""
        with self._wake:
            self._ending = True
            self._wake.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (thing := self._next()) is not None:
            try:
                self._consume(thing)
            except Exception as error:  # whatever a disk or a codec may throw: this output ends, the picture goes on
                reason = error.strerror if isinstance(error, OSError) else None
                self.fault = (reason.lower() if reason else str(error)) or type(error).__name__
                return

    def _next(self) -> T | None:
        with self._wake:
            while not self._things and not self._ending:
                self._wake.wait()
            return self._things.popleft() if self._things else None

"""A source that is opened, read, and opened again when it is lost and may come back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from appliance.capture import SourceEndError
from appliance.core.frames import Frame
from appliance.errors import CaptureError, InputError

FIRST_FRAME_S = 10.0
"""How long a source may take to deliver its first frame: a camera on a network negotiates for seconds."""

SILENT_S = 4.0
"""A camera that says nothing for so long is opened anew: a cut cable closes no connection."""

BACK_OFF_S = (0.5, 1.0, 2.0, 4.0)
"""Pauses before the first, second... attempt to open a camera again; the last one for all that follow."""


class Running(Protocol):
    """A source that is open and gives pictures."""

    def pull(self, timeout_s: float) -> Frame | None:
        """The newest picture, None when there was none in time; raises SourceEndError or CaptureError."""

    def stop(self) -> None:
        """Let go of the device; raises CaptureError when it does not come free, and then the process must end."""


class Returning:
    """One source, however often it goes and comes back; see Capture."""

    def __init__(
        self,
        told: str,
        open_: Callable[[], Running],
        returns: bool,
        loop: bool = False,
        patient: bool = False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """told: the source as it may be told; returns: it is waited for when lost; loop: it begins again at its end.

        Waits for the first frame; raises InputError for a source without pictures, CaptureError for a silent one,
        unless patient: then one that returns may also come later.
        """
        self._told = told
        self._open_anew = open_
        self._returns = returns
        self._loop = loop
        self._now = now
        self._running: Running | None = None
        self._attempts = 0
        self._next_attempt_at = 0.0
        self._heard_at = now()
        self._index = 0
        self._new_shot = False
        self._first: Frame | None = None
        if patient and returns:
            self._begin_without()
        else:
            self._first = self._open()

    def read(self, timeout_s: float) -> Frame | None:
        """The newest frame; see Capture."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        if self._running is None and not self._reopened(timeout_s):
            return None
        assert self._running is not None
        try:
            frame = self._running.pull(timeout_s)
        except CaptureError as error:
            self._lost(error)
            return None
        if frame is not None:
            return self._taken(frame)
        if self._returns and self._now() - self._heard_at > SILENT_S:
            self._lost(CaptureError(f"{self._told}: is silent"))
        return None

    def close(self) -> None:
        """Stop the source."""
        running, self._running = self._running, None
        if running is not None:
            running.stop()

    def _open(self) -> Frame:
        self._running = self._open_anew()
        deadline = self._now() + FIRST_FRAME_S
        try:
            while self._now() < deadline:
                frame = self._running.pull(0.1)
                if frame is not None:
                    return self._taken(frame)
        except SourceEndError:
            self.close()
            raise InputError(f"{self._told}: holds no picture") from None
        except BaseException:
            self.close()
            raise
        self.close()
        raise CaptureError(f"{self._told}: no picture within {FIRST_FRAME_S:.0f} s; {self._doubt()}")

    def _doubt(self) -> str:
        return "is the camera on?" if self._returns else "is the file whole?"

    def _begin_without(self) -> None:
        try:
            self._running = self._open_anew()
        except CaptureError as error:
            self._lost(error)

    def _taken(self, frame: Frame) -> Frame:
        self._heard_at = self._now()
        self._attempts = 0
        frame = replace(frame, index=self._index, cut=self._new_shot)
        self._index += 1
        self._new_shot = False
        return frame

    def _lost(self, error: CaptureError) -> None:
        self.close()
        self._new_shot = True
        ended = isinstance(error, SourceEndError)
        if ended and self._loop:
            self._next_attempt_at = self._now()
        elif self._returns:
            pause = BACK_OFF_S[min(self._attempts, len(BACK_OFF_S) - 1)]
            self._attempts += 1
            self._next_attempt_at = self._now() + pause
        else:
            raise error

    def _reopened(self, timeout_s: float) -> bool:
        wait = self._next_attempt_at - self._now()
        if wait > 0:
            time.sleep(min(wait, timeout_s))
        if self._now() < self._next_attempt_at:
            return False
        try:
            self._running = self._open_anew()
        except CaptureError as error:
            self._lost(error)
            return False
        self._heard_at = self._now()
        return True

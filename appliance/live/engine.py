"""Watches over a camera's way to its viewers, tells how it is, and takes it apart in reverse. Parts are handed in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from appliance import status
from appliance.errors import MofyError
from appliance.live.hearing import Hearing, Silent
from appliance.live.line import Line
from appliance.live.outlet import Outlet
from appliance.live.recording import Recording
from appliance.live.restart import Restart
from appliance.live.view import View
from appliance.live.words import Situation
from appliance.sinks import Login
from appliance.status import State, Status
from appliance.supervision import notify

SILENT_S = 0.8
"""So long without a picture, and the slate takes its place."""

SLATE_EVERY_S = 0.2

SETTLING_S = 0.5
"""So long after a slate took the picture's place it is written at every tick: players hold one back until the next."""

TICK_S = 0.05

REPORT_EVERY_S = 0.5

LAST_SLATE_S = 0.4
"""How long the slate stands before the stream ends after a fault: clients must have seen it."""

STOPPING_S = 0.7
"""How long the present frame may take when asked to stop."""

SERVING: frozenset[State] = frozenset({"running", "slate", "no-picture"})
"""States in which viewers have something to see, be it why there is no picture: a box without a camera has started."""

ENDLESS = float("inf")


class Engine:
    """One camera's way to its viewers. Run once."""

    def __init__(
        self,
        line: Line,
        outlet: Outlet,
        recording: Recording,
        heard: Hearing | Silent,
        restart: Restart,
        view: View,
        folder: Path,
        closing: ExitStack,
    ) -> None:
        """closing: gives back everything else that was opened."""
        self._line = line
        self._outlet = outlet
        self._recording = recording
        self._heard = heard
        self._restart = restart
        self._view = view
        self._folder = folder
        self._closing = closing
        self._state: State = "starting"
        self._ready = False
        self.ended = False
        """True once the source had no more to give, as a film at its end."""
        self._slate_at = self._report_at = self._entered_at = float("-inf")

    @property
    def address(self) -> str:
        """Where the masked stream is, as seen from this machine."""
        return self._view.address

    @property
    def login(self) -> Login | None:
        """What viewers must give; None where anybody may watch."""
        return self._view.login

    def run(
        self, stop: threading.Event, seconds: float = ENDLESS, tell: Callable[[Status], None] = lambda _: None
    ) -> bool:
        """Work until stopped, until the seconds are over or the source ends; raises MofyError when anything failed.

        tell is called with every report, about twice a second. True when a new start is wished.
        """
        end_at, again = time.monotonic() + seconds, False
        try:
            self._line.start()
            self._heard.start()
            while not (self._line.done.is_set() or again or stop.wait(TICK_S)) and time.monotonic() < end_at:
                self._tick(tell)
                again = self._restart.wished
            if self._line.fault is not None:
                raise self._line.fault
            self.ended = self._line.done.is_set()
            self._enter("stopping", tell)
            return again
        except MofyError as error:
            self._fail(error, tell)
            raise
        finally:
            self._close()

    def _tick(self, tell: Callable[[Status], None]) -> None:
        now = time.monotonic()
        self._recording.obey()
        self._enter(self._present_state(), tell)
        every = 0.0 if now - self._entered_at < SETTLING_S else SLATE_EVERY_S
        if self._state != "running" and now - self._slate_at > every:
            self._slate_at = now
            self._outlet.slate(self._situation())
        if now - self._report_at > REPORT_EVERY_S:
            self._feed_watchdog(now)
            self._report(tell)

    def _present_state(self) -> State:
        if self._outlet.hidden:
            return "slate"
        if self._outlet.silent_s <= SILENT_S:
            return "running"
        return "no-picture" if self._ready or self._line.lost else "starting"

    def _feed_watchdog(self, now: float) -> None:
        """Pictures that left feed it; and, so that viewers stay, a slate that is wished or stands for an absent camera
        while all else works."""
        wanted = (self._line.lost or self._outlet.hidden) and now - self._line.turned_at < SILENT_S
        if self._outlet.silent_s < SILENT_S or wanted:
            notify("WATCHDOG=1")

    def _situation(self) -> Situation:
        if self._state == "slate":
            return "by-request"
        if self._line.lost:
            return "camera-lost"
        return "starting" if self._state == "starting" else "stalled"

    def _enter(self, state: State, tell: Callable[[Status], None]) -> None:
        if state == self._state:
            return
        if state in SERVING and not self._ready:
            self._ready = True
            notify("READY=1")
        self._state, self._entered_at = state, time.monotonic()
        self._report(tell)

    def _report(self, tell: Callable[[Status], None], fault: str | None = None) -> None:
        self._report_at = time.monotonic()
        now = self._view.status(self._state, self._outlet.size, (*self._outlet.faults, *((fault,) if fault else ())))
        # A full disk must not stop the picture; the report's age tells.
        with suppress(OSError):
            status.write(now, self._folder)
        tell(now)

    def _fail(self, error: MofyError, tell: Callable[[Status], None]) -> None:
        self._outlet.shut()
        self._state = "failed"
        end_at = time.monotonic() + LAST_SLATE_S
        with suppress(MofyError):
            while time.monotonic() < end_at:
                self._outlet.slate("failed")
                time.sleep(TICK_S)
        self._report(tell, str(error))

    def _close(self) -> None:
        notify("STOPPING=1")
        self._line.stop(STOPPING_S)
        self._outlet.shut()
        self._heard.close()
        self._closing.close()
        if self._state != "failed":
            with suppress(OSError):
                (self._folder / status.NAME).unlink(missing_ok=True)

"""The camera process: puts the parts together, watches over them, and takes them apart again in reverse."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from appliance import assembly, capture, model_files, status
from appliance.errors import MofyError
from appliance.live import hearing, outputs
from appliance.live.claims import Claims
from appliance.live.clock import Clock
from appliance.live.hearing import Hearing, Silent
from appliance.live.line import Line
from appliance.live.meter import Meter, TimedDetector, TimedEmbedder
from appliance.live.notices import Notices
from appliance.live.numbers import Numbers
from appliance.live.outlet import Outlet
from appliance.live.pace import Pace
from appliance.live.people_watch import PeopleWatch
from appliance.live.recording import Recording
from appliance.live.restart import Restart
from appliance.live.terms import Terms
from appliance.live.view import View
from appliance.live.words import Situation
from appliance.options import Config
from appliance.sinks import Login
from appliance.status import State, Status
from appliance.supervision import give_pictures_back, keep_memory_private, notify

SILENT_S = 0.8
"""So long without a picture, and the slate takes its place."""

FIRST_S = 1.0
"""How long to wait for a frame that tells the picture's size; slates then have the same."""

SLATE_EVERY_S = 0.2
SETTLING_S = 0.5
"""So long after a slate took the picture's place it is written at every tick: players hold one back until the next."""

TICK_S = 0.05
REPORT_EVERY_S = 0.5

LAST_SLATE_S = 0.4
"""How long the slate stands before the stream ends after a fault: clients must have seen it."""

STOPPING_S = 0.7
"""How long the present frame may take when asked to stop."""

WAITING_US = 30_000_000
"""How much longer the supervisor is asked to wait for a first picture while no camera is there."""

ENDLESS = float("inf")


@dataclass(frozen=True, slots=True)
class Run:
    """What is to be run."""

    source: str
    config: Config
    data: Path
    """Folder of people and key."""
    loop: bool = False
    record: Path | None = None
    patient: bool = False
    """True when a camera may come later: a slate stands in for it."""


class Engine:
    """One camera's way to its viewers. Made by `build`, run once."""

    def __init__(
        self,
        run: Run,
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
        self._run = run
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
            if not self._ready and self._line.lost:
                notify(f"EXTEND_TIMEOUT_USEC={WAITING_US}")
            self._report(tell)

    def _present_state(self) -> State:
        if self._outlet.hidden:
            return "slate"
        if self._outlet.silent_s <= SILENT_S:
            return "running"
        return "no-picture" if self._ready else "starting"

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
        if state in ("running", "slate") and not self._ready:
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


def build(run: Run) -> Engine:
    """Open every part, the ones that can fail by a user's mistake before anything is served; raises MofyError."""
    keep_memory_private()
    give_pictures_back()
    with ExitStack() as opened:
        config = run.config
        folder = status.runtime_folder(run.data)
        told = outputs.options(config, run.data, folder, run.record)
        meter, pace = Meter(), Pace()
        mask = assembly.mask(config)
        finder = TimedDetector(assembly.detector(config), meter)
        witness, widen = assembly.witness(config)
        embedder = TimedEmbedder(witness, meter)
        clock = Clock()
        pipeline = assembly.live(config, finder, embedder, now=clock)
        people = PeopleWatch(run.data, _embedder_id(config), epoch=clock, runtime=folder, widen=widen)
        numbers = Numbers()
        claims = Claims(secrets.token_hex(8), clock, numbers)
        source = capture.build(run.source, config.camera, run.loop, run.patient)
        opened.callback(source.close)
        first = source.read(FIRST_S)
        size = (first.width, first.height) if first else (config.camera.width, config.camera.height)
        sinks, displays = outputs.build(_sink_names(run), told, opened)
        notices = Notices(config, run.data, sinks[0].port, told.login)
        outlet = Outlet(sinks, mask, size, notices, displays)
        terms = Terms(config, finder)
        line = Line(source, first, pipeline, people, claims, terms, outlet, meter, pace, config.camera.fps)
        recording = Recording(config.record, people, sinks[-1] if config.record.folder else None)
        restart = Restart(run.data, possible=run.record is None)
        opened.callback(restart.close)
        heard = hearing.build(config, outlet, lambda: people.wishes)
        opened.callback(heard.close)
        view = View(
            capture.told(run.source), outputs.address(config.rtsp, sinks[0].port), told.login,
            pipeline, people, claims, numbers, clock, terms, meter, pace, recording, heard, restart, sinks[0], displays,
        )  # fmt: skip
        return Engine(run, line, outlet, recording, heard, restart, view, folder, opened.pop_all())


def _embedder_id(config: Config) -> str:
    return config.faces.embedder or model_files.default("embedder").id


def _sink_names(run: Run) -> list[str]:
    """RTSP first, recording in pieces last."""
    return [
        "rtsp",
        "preview",
        *(("file",) if run.record else ()),
        *(("segments",) if run.config.record.folder else ()),
    ]

"""Gathers what the engine reports."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from appliance import __version__, boards, throttling
from appliance.core.geometry import Box
from appliance.live.claims import Claims
from appliance.live.clock import Clock
from appliance.live.consumption import Consumption
from appliance.live.hearing import Hearing, Silent
from appliance.live.meter import Meter
from appliance.live.numbers import IN_DOUBT, Numbers
from appliance.live.pace import Pace
from appliance.live.people_watch import PeopleWatch
from appliance.live.recording import Recording
from appliance.live.restart import Restart
from appliance.live.terms import Terms
from appliance.pipeline import Pipeline, Report
from appliance.sinks import Display, Login
from appliance.status import State, Status, TrackStatus


class Watched(Protocol):
    """The stream that viewers see."""

    @property
    def clients(self) -> int:
        """How many are connected."""

    @property
    def push(self) -> str:
        """How sending it on goes."""


@dataclass(frozen=True, slots=True)
class View:
    """The parts of the engine that have something to tell."""

    source: str
    """As it may be shown."""
    address: str
    """Where the masked stream is, as seen from this machine."""
    login: Login | None
    """What viewers must give; None where anybody may watch."""
    pipeline: Pipeline
    people: PeopleWatch
    claims: Claims
    numbers: Numbers
    clock: Clock
    terms: Terms
    meter: Meter
    pace: Pace
    recording: Recording
    heard: Hearing | Silent
    restart: Restart
    stream: Watched
    displays: Sequence[Display]
    consumption: Consumption = field(default_factory=Consumption)
    board: str = field(default_factory=boards.board)

    def status(self, state: State, size: tuple[int, int], faults: tuple[str, ...]) -> Status:
        """The report of this moment; size: (width, height) of what leaves."""
        report = self.pipeline.last_report if state == "running" else None
        faces = report.faces if report else ()
        shown = sum(face.verdict.shows for face in faces)
        throttled = throttling.throttled()
        return Status(
            state=state,
            at=time.time(),
            pid=os.getpid(),
            version=__version__,
            source=self.source,
            address=self.address,
            width=size[0],
            height=size[1],
            fps=round(self.meter.fps, 1),
            window=self.pipeline.settings.window,
            dropped=self.pace.dropped,
            busy=round(self.pace.busy, 2),
            latency_ms=self.meter.means_ms(),
            cpu_percent=self.consumption.cpu_percent,
            memory_mb=self.consumption.memory_mb,
            covered=len(faces) - shown,
            shown=shown,
            tracks=self._numbered(report),
            run=self.claims.run,
            claims=self.claims.report,
            people=len(self.people.people.people),
            mode=self.terms.mode,
            clients=self.stream.clients,
            recording=self.recording.on,
            sound=self.heard.state,
            push=self.stream.push,
            display=", ".join(one.display for one in self.displays if one.display),
            board=self.board,
            temperature_c=boards.temperature_c(),
            throttled=throttled,
            faults=(*faults, *self._faults(), *((throttled,) if throttled else ())),
        )

    def _numbered(self, report: Report | None) -> tuple[TrackStatus, ...]:
        """The faces of a frame, by the numbers that they had in it."""
        if report is None:
            return ()
        doubts = {track.id: track.doubted_at for track in self.pipeline.tracks}
        found = []
        for face in report.faces:
            doubted_at = doubts.get(face.track, IN_DOUBT)
            number = self.numbers.of(face.track, doubted_at if doubted_at <= report.index else IN_DOUBT)
            found.append(TrackStatus(number, _whole(face.box), face.verdict.person))
        return tuple(found)

    def _faults(self) -> tuple[str, ...]:
        parts = (self.people, self.terms, self.recording, self.clock, self.heard, self.pace, self.restart)
        return tuple(fault for fault in (*self.people.wishes.faults, *(part.fault for part in parts)) if fault)


def _whole(box: Box) -> tuple[int, int, int, int]:
    return round(box.x0), round(box.y0), round(box.x1), round(box.y1)

"""The camera process: puts the parts together."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from appliance import assembly, capture, model_files, status
from appliance.live import hearing, outputs
from appliance.live.claims import Claims
from appliance.live.clock import Clock
from appliance.live.engine import Engine
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
from appliance.options import Config
from appliance.supervision import give_pictures_back, keep_memory_private, sole_engine

FIRST_S = 1.0
"""How long to wait for a frame that tells the picture's size; slates then have the same."""


@dataclass(frozen=True, slots=True)
class Run:
    """What is to be run."""

    source: str
    """As `mofy run --source` takes it."""
    config: Config
    data: Path
    """Folder of people and key."""
    loop: bool = False
    """True for a file that begins again at its end."""
    record: Path | None = None
    """The one file that everything is recorded to; pieces go where [record] says."""
    patient: bool = False
    """True when a camera may come later: a slate stands in for it."""


def build(run: Run) -> Engine:
    """Open every part, the ones that can fail by a user's mistake before anything is served; raises MofyError."""
    keep_memory_private()
    give_pictures_back()
    with ExitStack() as opened:
        config = run.config
        folder = status.runtime_folder(run.data)
        # Two would report in one place, and each be told of the other's faces.
        opened.enter_context(sole_engine(folder))
        told = outputs.options(config, run.data, folder, run.record)
        meter, pace = Meter(), Pace()
        mask = assembly.mask(config)
        finder = TimedDetector(assembly.detector(config), meter)
        deciding, widen = assembly.deciding_embedder(config)
        embedder = TimedEmbedder(deciding, meter)
        clock = Clock()
        pipeline = assembly.live(config, finder, embedder, now=clock)
        people = PeopleWatch(run.data, model_files.embedder_id(config), epoch=clock, runtime=folder, widen=widen)
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
        return Engine(line, outlet, recording, heard, restart, view, folder, opened.pop_all())


def _sink_names(run: Run) -> list[str]:
    """RTSP first, recording in pieces last."""
    return [
        "rtsp",
        "preview",
        *(("file",) if run.record else ()),
        *(("segments",) if run.config.record.folder else ()),
    ]

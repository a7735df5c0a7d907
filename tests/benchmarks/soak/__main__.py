"""`python -m tests.benchmarks.soak --minutes 30`: run, measure, and write docs/soak.md with its plot."""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from appliance import config, enrolment
from appliance.capture._stage import ENROL_PHOTOS
from appliance.capture.walk import photos_folder
from appliance.status import Status
from appliance.store import Desired, Store
from tests.benchmarks.plot import Line, svg
from tests.benchmarks.setting import command, finish, machine, parser, row, tell
from tests.benchmarks.soak.box import Box
from tests.benchmarks.soak.eye import Eye, latencies_ms
from tests.benchmarks.soak.viewers import VIEWERS, Viewer
from tests.benchmarks.soak.wishes import Crew

STARTS = 3
WISH_EVERY_S, VISIT_EVERY_S, SAMPLE_EVERY_S = 3.0, 7.0, 1.0
MOST_VISITORS = 4
LOOK_EVERY_S, LOOK_S = 60.0, 10.0
"""Once a minute the crew is calm for a while, and latency and memory are compared as they were at the beginning."""

WARMING = 0.2
"""Of the time: until every style was drawn once and the pools of memory are as large as they get."""

SETTLE_S = 4.0
PERCENTILES = (50, 95)


@dataclass
class Measured:
    """What was seen."""

    starts_s: list[float] = field(default_factory=list)
    restarts_s: list[float] = field(default_factory=list)
    samples: list[tuple[float, Status]] = field(default_factory=list)
    """(minute, report)."""
    calm: list[tuple[float, float]] = field(default_factory=list)
    """(minute, megabytes) while nothing was wished."""
    latencies_ms: list[float] = field(default_factory=list)
    faults: set[str] = field(default_factory=set)
    loads: list[float] = field(default_factory=list)
    """Processes that wanted a processor, our own included."""
    wishes: int = 0
    visits: int = 0


def main() -> None:
    """Run it."""
    options = parser("soak", __doc__)
    options.add_argument("--minutes", type=float, default=30.0, help="how long [30]")
    options.add_argument("--width", type=int, default=1920, help="of the picture [1920]")
    options.add_argument("--height", type=int, default=1080, help="[1080]")
    options.add_argument("--viewer", choices=sorted(VIEWERS), default="gstreamer", help="who decodes [gstreamer]")
    options.add_argument("--seed", type=int, default=1, help="of what is wished when [1]")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        _enrol(data)
        box = Box(data, (given.width, given.height))
        seen = Measured()
        _starts(box, seen)
        try:
            _soak(box, VIEWERS[given.viewer], seen, given.minutes, random.Random(given.seed))
        finally:
            box.kill()
    plot = given.out.with_suffix(".svg")
    plot.write_text(svg(_lines(seen)), encoding="utf-8")
    finish(_page(seen, given, plot.name), given.out)


def _enrol(data: Path) -> None:
    options = config.load()
    store = Store.open(data, create=True)
    models = enrolment.models(options)
    templates = [enrolment.template(photos_folder() / name, models, None) for name in ENROL_PHOTOS]
    store.enrol("Enrolled", templates, "soak")


def _starts(box: Box, seen: Measured) -> None:
    for count in range(STARTS):
        seen.starts_s.append(box.start())
        killed_at = time.monotonic()
        box.kill()
        time.sleep(0.5)  # RestartSec of the unit
        box.start()
        seen.restarts_s.append(time.monotonic() - killed_at)
        if count < STARTS - 1:
            box.kill()


def _soak(box: Box, viewer: Viewer, seen: Measured, minutes: float, dice: random.Random) -> None:
    crew = Crew(Store.open(box.data), Desired(box.data), dice)
    visitors: list[subprocess.Popen[bytes]] = []
    began = time.monotonic()
    wish_at = visit_at = sample_at = look_at = began
    while (now := time.monotonic()) - began < 60 * minutes:
        if now >= look_at:
            look_at = now + LOOK_EVERY_S
            _look(box, crew, viewer, seen, began)
        if now >= sample_at:
            sample_at = now + SAMPLE_EVERY_S
            _sample(box, seen, began)
        if now >= wish_at:
            wish_at = now + dice.expovariate(1 / WISH_EVERY_S)
            crew.act(box.status())
        if now >= visit_at:
            visit_at = now + dice.expovariate(1 / VISIT_EVERY_S)
            seen.visits += _visit(box, visitors, dice)
        time.sleep(0.1)
    _look(box, crew, viewer, seen, began)
    seen.wishes = crew.count
    for visitor in visitors:
        visitor.kill()


def _sample(box: Box, seen: Measured, began: float) -> Status:
    assert box.process is not None
    assert box.process.poll() is None, "the engine ended"
    now = box.status()
    minute = (time.monotonic() - began) / 60
    seen.samples.append((minute, now))
    seen.faults.update(now.faults)
    seen.loads.append(os.getloadavg()[0])
    if len(seen.samples) % 60 == 0:
        tell(f"{minute:.0f} min: {now.fps} frames a second, {now.memory_mb} MB")
    return now


def _look(box: Box, crew: Crew, viewer: Viewer, seen: Measured, began: float) -> None:
    """Latency and memory as the engine was started, one viewer watching."""
    crew.calm()
    time.sleep(SETTLE_S)
    eye = Eye(box.address, viewer)
    time.sleep(LOOK_S)
    now = _sample(box, seen, began)
    eye.close()
    seen.latencies_ms += latencies_ms(eye.seen, now.window)
    seen.calm.append(((time.monotonic() - began) / 60, now.memory_mb))


def _visit(box: Box, visitors: list[subprocess.Popen[bytes]], dice: random.Random) -> int:
    """Somebody comes, or somebody leaves without a word; how many came."""
    if visitors and (len(visitors) >= MOST_VISITORS or dice.random() < 0.5):
        gone = visitors.pop(dice.randrange(len(visitors)))
        gone.kill()
        gone.wait()
        return 0
    path = dice.choice((box.address, box.address.replace("/live", "/preview")))
    transport = dice.choice(("tcp", "udp"))
    watch = ["ffmpeg", "-v", "quiet", "-rtsp_transport", transport, "-i", path, "-c", "copy", "-f", "null", "-"]
    visitors.append(subprocess.Popen(watch))
    return 1


def _lines(seen: Measured) -> list[Line]:
    running = [(minute, now) for minute, now in seen.samples if now.state in ("running", "slate")]
    return [
        Line("memory of the engine, MB", [(minute, now.memory_mb) for minute, now in running]),
        Line("masked frames a second", [(m, now.fps) for m, now in running if now.state == "running"], 1),
        Line("processor, % of one", [(minute, now.cpu_percent) for minute, now in running], 2),
    ]


def _growth(seen: Measured) -> float:
    """Megabytes from the first calm minutes to the last: medians of a quarter of them each, after the warming up."""
    calm = [memory for _, memory in seen.calm]
    calm = calm[1 + round(WARMING * len(calm)) :] or calm
    quarter = max(len(calm) // 4, 1)
    return float(np.median(calm[-quarter:]) - np.median(calm[:quarter]))


def _page(seen: Measured, given: argparse.Namespace, plot: str) -> str:
    rates = [now.fps for _, now in seen.samples if now.state == "running" and now.fps]
    load = [now.cpu_percent for _, now in seen.samples]
    half, most = np.percentile(seen.latencies_ms, PERCENTILES) if seen.latencies_ms else (float("nan"),) * 2
    missed = seen.samples[-1][1].dropped
    return (
        "# Soak\n\n"
        f"`{command('soak')}` on {machine()}: the staged scene at {given.width}x{given.height}, one of seven people "
        f"enrolled, for {given.minutes:g} minutes. {seen.wishes} wishes (settings, modes, guests, covers, people on "
        f"and off) and {seen.visits} viewers who came and were killed; once a minute all is calm, and one viewer "
        "decodes.\n\n"
        f"![memory, frames a second and processor over the time]({plot})\n\n"
        + row("what", "measured")
        + row("---", "---")
        + row("memory, most", f"{max(now.memory_mb for _, now in seen.samples):.0f} MB")
        + row("memory, growth after the first fifth of the time, calm minutes compared", f"{_growth(seen):+.1f} MB")
        + row("frames a second, median and 5 of 100", f"{np.median(rates):.1f}, {np.percentile(rates, 5):.1f}")
        + row("frames of the camera left out", f"{missed}")
        + row("processor, median", f"{np.median(load):.0f} % of one")
        + row(
            f"from the moment a frame may leave to the viewer's ({given.viewer}'s) decoded picture, "
            f"{len(seen.latencies_ms)} frames",
            f"{half:.0f} ms (median), {most:.0f} ms (95 of 100)",
        )
        + row("start of the program to the first masked frame", _seconds(seen.starts_s))
        + row("kill -9 to the next masked frame, restarted after 0.5 s", _seconds(seen.restarts_s))
        + row("faults reported meanwhile", "; ".join(sorted(seen.faults)) or "none")
        + row("ends of the process", "0")
        + row("load of the machine, median (one of its own work alone is about 1.5)", f"{np.median(seen.loads):.1f}")
    )


def _seconds(found: list[float]) -> str:
    return f"{np.median(found):.1f} s (median of {len(found)}), {max(found):.1f} s at most"


if __name__ == "__main__":
    main()

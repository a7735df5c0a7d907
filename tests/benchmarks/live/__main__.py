"""What masking costs live: `python -m tests.benchmarks.live` plays a film at its pace, masked and bare in turn.

Writes docs/live.md. One viewer takes the stream over RTSP; processor time is that of the engine's process alone.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from appliance import bench, status
from appliance.errors import InputError
from tests.benchmarks.live import options
from tests.benchmarks.setting import CHECKOUT, command, finish, machine, parser, row, tell
from tests.ports import free_port

WARMING_S = 4.0
KINDS = ("masked", "bare")


@dataclass(frozen=True)
class Run:
    """One of them, once."""

    fps: float
    cpu: float
    """Processors used, 1.0 being one of them all the time."""
    memory_mb: float
    covered: int


def main() -> None:
    """Run it."""
    given_options = parser("live", __doc__)
    given_options.add_argument("--width", type=int, default=1920, help="of the picture [1920]")
    given_options.add_argument("--height", type=int, default=1080, help="[1080]")
    given_options.add_argument("--seconds", type=float, default=15.0, help="of each run [15]")
    given_options.add_argument("--rounds", type=int, default=3, help="of each kind [3]")
    given = given_options.parse_args()
    found: dict[str, list[Run]] = {name: [] for name in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "film.mp4"
        bench.stage_clip(film, 12.0, size=(given.width, given.height))
        for turn in range(given.rounds):
            for name in KINDS:
                found[name].append(_run(name, film, given.seconds))
                tell(f"{turn + 1} of {given.rounds}: {name} {found[name][-1]}")
    finish(_page(found, given.width, given.height), given.out)


def _run(kind: str, film: Path, seconds: float) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        place, port = Path(folder), free_port()
        environment = {**os.environ, "MOFY_DATA": folder, "XDG_RUNTIME_DIR": folder}
        environment.pop("RUNTIME_DIRECTORY", None)
        words = ["appliance.cli", *options(str(film), str(port))]
        if kind == "bare":
            words = ["tests.benchmarks.live.bare", str(film), str(port)]
        engine = subprocess.Popen([sys.executable, "-m", *words], cwd=CHECKOUT, env=environment)
        viewer = None
        try:
            _wait(engine, place)
            address = f"rtsp://127.0.0.1:{port}/live"
            look = ["ffmpeg", "-v", "quiet", "-rtsp_transport", "tcp", "-i", address, "-c", "copy", "-f", "null", "-"]
            viewer = subprocess.Popen(look)
            time.sleep(WARMING_S)
            return _measured(engine.pid, place, seconds)
        finally:
            for process in filter(None, (viewer, engine)):
                process.kill()
                process.wait()


def _wait(engine: subprocess.Popen[bytes], place: Path) -> None:
    end_at = time.monotonic() + 60
    while time.monotonic() < end_at and engine.poll() is None:
        try:
            if status.read(place / "mofy").state == "running":
                return
        except InputError:
            pass
        time.sleep(0.05)
    sys.exit("not measured: the engine did not start")


def _measured(pid: int, place: Path, seconds: float) -> Run:
    process = psutil.Process(pid)
    before, began = process.cpu_times(), time.monotonic()
    rates, covered = [], 0
    while time.monotonic() - began < seconds:
        time.sleep(0.5)
        now = status.read(place / "mofy")
        rates.append(now.fps)
        covered = max(covered, now.covered + now.shown)
    after, took = process.cpu_times(), time.monotonic() - began
    used = after.user + after.system - before.user - before.system
    return Run(statistics.median(rates), used / took, process.memory_info().rss / 1e6, covered)


def _page(found: dict[str, list[Run]], width: int, height: int) -> str:
    lines = [
        "# What masking costs live\n",
        f"`{command('live')}` on {machine()}. A film of {width}x{height} at 30 frames a second, at its pace, with "
        f"{max(run.covered for run in found['masked'])} faces; one RTSP viewer; masked and bare in turn, "
        f"{len(found['masked'])} times each. Load of the machine at the end: {os.getloadavg()[0]:.1f}.\n",
        row("", "frames a second", "processors used", "memory"),
        row("---", "---", "---", "---"),
    ]
    for name, runs in found.items():
        lines.append(
            row(
                name,
                f"{statistics.median(run.fps for run in runs):.1f}",
                f"{statistics.median(run.cpu for run in runs):.2f}",
                f"{max(run.memory_mb for run in runs):.0f} MB",
            )
        )
    ratios = [masked.cpu / bare.cpu for masked, bare in zip(found["masked"], found["bare"])]
    lines.append(f"\nMasked over bare: {statistics.median(ratios):.2f} times the processor time (the budget is 2.5).")
    return "\n".join(line.rstrip("\n") if line.startswith("|") else line for line in lines) + "\n"


if __name__ == "__main__":
    main()

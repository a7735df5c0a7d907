"""How fast films are redacted: `python -m tests.benchmarks.redact` measures a clip of a crowd; writes docs/speed.md.

In turn and in one run: decoding and encoding with no masking, redaction, and the program `deface`, if it is there. It
is run as its user would, in an environment of its own (`pip install deface onnx`, and for its fastest onnxruntime too),
and is no part of MOFY.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from appliance import assembly, bench, config
from appliance.bench import Figures, Pass
from appliance.core.identity import NOBODY
from appliance.redact import Choices, Parts, Redactor
from tests.benchmarks.redact.stages import Spent, timed
from tests.benchmarks.setting import CHECKOUT, command, finish, machine, need, parser, row, tell

SCALE = ("--scale", "640x360")
ULTRAFAST = json.dumps({"codec": "libx264", "output_params": ["-preset", "ultrafast"]})
"""By itself deface asks x264 for more."""

OURS = "`mofy redact`"
THEIRS = {
    "deface as it comes": (*SCALE, "--backend", "opencv"),
    "deface with onnxruntime, its x264 at ultrafast": (*SCALE, "--backend", "onnxrt", "--ffmpeg-config", ULTRAFAST),
}
"""Ways to run it: installed as it asks to be, and as fast as it can be made."""

Race = dict[str, list[float]]
"""Seconds that a program took for the film, round by round, from start to end of the process."""


def main() -> None:
    """Run it."""
    options = parser("redact", __doc__)
    options.set_defaults(out=CHECKOUT / "docs" / "speed.md")
    options.add_argument("--clip", default="timessquare.mp4", help="a film in the data's folder video [%(default)s]")
    options.add_argument("--rounds", type=int, default=5, help="of the passes with masking and without [5]")
    options.add_argument("--races", type=int, default=3, help="of the programs [3]")
    options.add_argument("--deface", default="deface", help="the program to run beside ours [%(default)s]")
    given = options.parse_args()
    need(given.data, ["video"])
    clip = given.data / "video" / given.clip
    tell(f"{given.rounds} rounds with masking and without")
    figures = bench.measure(clip, config.load(None), NOBODY, given.rounds)
    passed, spent = _stages(clip)
    program = shutil.which(given.deface)
    race = _race(clip, program, given.races) if program else {}
    finish(page(figures, passed, spent, race), given.out)


def _stages(clip: Path) -> tuple[Pass, dict[str, Spent]]:
    """One more pass, in which each stage is timed."""
    options = assembly.for_files(config.load(None))
    parts = Parts(assembly.detector(options), assembly.embedder(options))
    redactor = Redactor(options, NOBODY, Choices(bench.ENCODING, overwrite=True), parts)
    with tempfile.TemporaryDirectory() as folder, timed() as spent:
        return bench.timed(lambda: bench.redacted(redactor, clip, Path(folder) / "out.mkv")), spent


def _race(clip: Path, program: str, rounds: int) -> Race:
    race: Race = {}
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = (Path(folder) / name for name in ("ours.mp4", "theirs.mp4"))
        mofy = [sys.executable, "-m", "appliance.cli", "redact", clip, "-o", ours, "--keep-none", "--overwrite"]
        runs = {OURS: [*mofy, "--data", folder]}
        runs |= {name: [program, *options, "--output", theirs, clip] for name, options in THEIRS.items()}
        for turn in range(rounds):
            for name, words in runs.items():
                if seconds := _seconds(words):
                    race.setdefault(name, []).append(seconds)
                    tell(f"{turn + 1} of {rounds}: {name} {seconds:.1f} s")
    return race


def _seconds(words: Sequence[str | Path]) -> float | None:
    """None where the program fails: deface does when it shall use what is not installed."""
    began = time.monotonic()
    run = subprocess.run(words, cwd=CHECKOUT, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - began if run.returncode == 0 else None


def page(figures: Figures, passed: Pass, spent: dict[str, Spent], race: Race) -> str:
    """All of it, as Markdown."""
    lines = [
        "# How fast films are redacted\n",
        f"Written by `{command('redact')}`\non {machine()}; do not edit by hand. Load of the machine at the end: "
        f"{os.getloadavg()[0]:.1f}.\n",
        f"A film of {figures.width}x{figures.height}, {figures.frames} frames, with {figures.faces_per_frame:.0f} "
        f"covers in each; nobody enrolled. Both encode with x264 at its preset ultrafast. In turn, {figures.rounds} "
        "times each; medians.\n",
        row("", "frames a second", "processor ms a frame"),
        row("---", "---", "---"),
        row("decoded and encoded, nothing masked", f"{figures.plain_fps:.0f}", f"{figures.plain_cpu_ms:.1f}"),
        row("`mofy redact`", f"{figures.redact_fps:.0f}", f"{figures.redact_cpu_ms:.1f}"),
        row("masked over plain", f"{figures.speed_ratio:.2f} of the speed", f"{figures.cpu_ratio:.2f} times"),
        *_where(passed, spent),
        *_beside(figures.frames, race),
        *_bound(figures, passed, spent, race),
    ]
    return "\n".join(line.rstrip("\n") if line.startswith("|") else line for line in lines) + "\n"


def _where(passed: Pass, spent: dict[str, Spent]) -> list[str]:
    def of(name: str, *without: str) -> tuple[str, str]:
        cpu = spent[name].cpu_s - sum(spent[part].cpu_s for part in without)
        wall = spent[name].wall_s - sum(spent[part].wall_s for part in without)
        return tuple(f"{max(1000 * seconds / passed.frames, 0.0):.2f}" for seconds in (cpu, wall))  # type: ignore[return-value]

    within = sum(spent[name].cpu_s for name in ("read", "search", "take", "write"))
    rest = 1000 * (passed.cpu_seconds - within) / passed.frames
    return [
        "\n## Where the time goes\n",
        f"One more pass, each stage timed: {passed.cpu_ms:.1f} ms of processor time a frame. Wall time is longer where "
        "a thread waits: for a processor, for the interpreter, for the encoder.\n",
        row("ms a frame", "processor", "wall", "thread"),
        row("---", "---", "---", "---"),
        row("a decoded picture becomes ours", *of("read"), "searching"),
        row("the detector's network", *of("network"), "searching"),
        row("its input, faces from its output, cuts", *of("search", "network"), "searching"),
        row("following", *of("follow"), "the pipeline's"),
        row("judging, placing covers", *of("judge"), "the pipeline's"),
        row("covering", *of("veil"), "the pipeline's"),
        row("the rest of the pipeline", *of("take", "follow", "judge", "veil"), "the pipeline's"),
        row("a covered picture goes to the encoder", *of("write"), "writing"),
        row("all else: decoder, encoder, queues", f"{rest:.2f}", "", "mostly their own"),
    ]


def _bound(figures: Figures, passed: Pass, spent: dict[str, Spent], race: Race) -> list[str]:
    used = [fps * ms / 1000 for fps, ms in ((figures.plain_fps, figures.plain_cpu_ms), (passed.fps, passed.cpu_ms))]
    added = passed.cpu_ms - figures.plain_cpu_ms
    network = 1000 * spent["network"].cpu_s / passed.frames
    lines = [
        "\n## What bounds it\n",
        f"The processors: {used[0]:.2f} of {figures.processors} are in use without masking, {used[1]:.2f} with it, so "
        f"the ratio of speeds is that of processor time. Masking adds {added:.1f} ms a frame. {network:.1f} ms of them "
        "are the network, which looks at every picture: at every other one only, faces would leak. The rest goes to "
        "the network's input and output, and on tracks and covers of the crowd.\n\n"
        "On a machine that others use too this wants real-time priority (`chrt -r 1`): what waits anyway is slowed "
        "down less by others than what never does, which flatters masking.",
    ]
    if race:
        ours, theirs = statistics.median(race[OURS]), max(statistics.median(seconds) for seconds in race.values())
        begins = ours - figures.frames / figures.redact_fps
        lines.append(
            f"\nTen times as fast as the slowest here would be {theirs / 10:.1f} s. Decoding and encoding alone take "
            f"{figures.frames / figures.plain_fps:.1f} s, the program's start {max(begins, 0.0):.1f} s."
        )
    return lines


def _beside(frames: int, race: Race) -> list[str]:
    lines = ["\n## Beside deface\n"]
    if not race:
        return [*lines, "Not measured: there was no program deface (`--deface` names one)."]
    lines += [
        f"The same film by each program in turn, {len(race[OURS])} times, from its start to its end; medians. "
        f"`deface {' '.join(SCALE)}`: as it comes, which is with OpenCV's networks (`pip install deface onnx`), and "
        "made as fast as it can be.\n",
        row("", "seconds", "frames a second", "MOFY is as many times as fast"),
        row("---", "---", "---", "---"),
    ]
    for name, seconds in race.items():
        median = statistics.median(seconds)
        ratios = sorted(theirs / ours for ours, theirs in zip(race[OURS], seconds))
        faster = f"{statistics.median(ratios):.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f})" if name != OURS else ""
        lines.append(row(name, f"{median:.1f}", f"{frames / median:.1f}", faster))
    return lines


if __name__ == "__main__":
    main()

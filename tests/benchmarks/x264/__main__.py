"""What x264 costs by preset and threads, live: `python -m tests.benchmarks.x264`.

The staged scene, encoded as the stream is (sinks/_encoders.py), one setting after the other and all of them several
times; processor time is that of the whole process, likeness to what went in is in decibels (PSNR of luma).
"""

from __future__ import annotations

import resource
import statistics
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import psutil

from appliance.capture._stage import Stage
from appliance.capture.walk import photos_folder
from appliance.gst import gst
from appliance.sinks._encoders import ENCODERS, SOFTWARE, Wanted
from tests.benchmarks.setting import command, finish, machine, parser, row, tell

SIZE, FPS, FRAMES = (1280, 720), 30, 90
PRESETS = ("ultrafast", "superfast", "veryfast")
THREADS = (0, 1, 2, 4, 6)
"""0: x264's own choice, one and a half for each processor."""


KBIT_S = 4000
CONCLUSION = """
So the stream is encoded by *ultrafast*, which takes the least of a board, with as many threads as x264 chooses: they
cost nothing, and where processors are free they shorten the wait. *superfast* (`preset` of `[rtsp]`) looks better at
the same rate and takes about half as much processor again; *veryfast* takes more still and looks no better.
"""


@dataclass(frozen=True)
class Cost:
    """Of one setting."""

    cpu_ms: float
    """Processor time a frame."""
    wait_ms: float
    """From a frame's push to its encoded picture, median."""
    likeness_db: float


def encoded(frames: list[np.ndarray[Any, Any]], preset: str, threads: int) -> Cost:
    """Push them one after the other and wait for each."""
    names = gst()
    text = ENCODERS[SOFTWARE](Wanted(KBIT_S, 60, "constrained-baseline", preset))
    text = text.replace("x264enc ", f"x264enc threads={threads} ")
    caps = f"video/x-raw,format=I420,width={SIZE[0]},height={SIZE[1]},framerate={FPS}/1"
    pipeline = names.Gst.parse_launch(
        f"appsrc name=in format=time caps={caps} ! {text} ! h264parse ! tee name=t "
        "t. ! queue ! appsink name=out sync=false async=false t. ! queue "
        "! avdec_h264 max-threads=1 ! appsink name=back sync=false async=false"
    )
    pipeline.set_state(names.Gst.State.PLAYING)
    source, out, back = (pipeline.get_by_name(name) for name in ("in", "out", "back"))
    waits, cpu_began = [], _cpu_s()
    for number, frame in enumerate(frames):
        buffer = names.Gst.Buffer.new_wrapped(frame.tobytes())
        buffer.pts = number * names.Gst.SECOND // FPS
        buffer.duration = names.Gst.SECOND // FPS
        began = time.perf_counter()
        source.emit("push-buffer", buffer)
        out.emit("pull-sample")
        waits.append(1000 * (time.perf_counter() - began))
    cpu_ms = 1000 * (_cpu_s() - cpu_began) / len(frames)
    source.emit("end-of-stream")
    errors = []
    for frame in frames:
        sample = back.emit("pull-sample")
        with sample.get_buffer().map(names.Gst.MapFlags.READ) as mapped:
            luma = np.frombuffer(mapped.data, np.uint8, SIZE[0] * SIZE[1]).astype(np.int32)
        errors.append(float(((luma - frame[: luma.size]) ** 2).mean()))
    pipeline.set_state(names.Gst.State.NULL)
    return Cost(cpu_ms, statistics.median(waits), 10 * float(np.log10(255**2 / statistics.mean(errors))))


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Write x264.md into the folder."""
    options = parser("x264", __doc__)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    stage = Stage(photos_folder(), *SIZE, FPS)
    frames = [_packed(stage.frame(number)) for number in range(FRAMES)]
    settings = [(preset, threads) for preset in PRESETS for threads in THREADS]
    costs: dict[tuple[str, int], list[Cost]] = {setting: [] for setting in settings}
    for turn in range(given.rounds):
        for setting in settings:
            costs[setting].append(encoded(frames, *setting))
            tell(f"round {turn + 1}: {setting}: {costs[setting][-1]}")
    finish(page(costs), given.out)


def page(costs: dict[tuple[str, int], list[Cost]]) -> str:
    """The least of the rounds: what other programs took is not x264's."""
    about = f"""# What x264 costs by preset and threads

`{command("x264")}` on {machine()}. The staged scene, {SIZE[0]}x{SIZE[1]}, {FRAMES} frames, {KBIT_S} kbit/s, as the
stream is encoded. A frame waits from its push to its encoded picture. Decoding, for the likeness to what went in (PSNR
of luma), is in the processor's time, alike in each row. The least of the rounds; load of the
machine at the end: {psutil.getloadavg()[0]:.1f}.

"""
    lines = [row("preset", "threads", "processor ms a frame", "wait ms", "likeness dB"), row(*["---"] * 5)]
    for (preset, threads), found in costs.items():
        cpu_ms, wait_ms = min(cost.cpu_ms for cost in found), min(cost.wait_ms for cost in found)
        told = (f"{cpu_ms:.1f}", f"{wait_ms:.1f}", f"{found[0].likeness_db:.1f}")
        lines.append(row(preset, str(threads or "its own choice"), *told))
    return about + "".join(lines) + CONCLUSION


def _packed(frame: Any) -> np.ndarray[Any, Any]:
    return np.concatenate([plane.reshape(-1) for plane in (frame.y, frame.u, frame.v)])


if __name__ == "__main__":
    main()

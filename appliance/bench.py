"""How fast is this machine: `redact` beside the same decode and encode without any masking, in turn, in one process."""

from __future__ import annotations

import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from appliance import assembly, enrolment
from appliance.capture._stage import ENROL_PHOTOS, Stage
from appliance.capture.walk import photos_folder
from appliance.core.frames import Frame
from appliance.core.identity import NOBODY, Gallery, Person, gallery
from appliance.core.veiling import MaskedFrame, veil
from appliance.errors import InputError
from appliance.files.media_kind import Kind
from appliance.files.overlap import WAITING, Ahead, Behind, batched
from appliance.files.redact_plan import Job
from appliance.files.video_reader import Decoded, Shape, VideoReader
from appliance.files.video_writer import Encoding, VideoWriter
from appliance.live.meter import Meter, TimedDetector, TimedEmbedder
from appliance.options import Config
from appliance.redact import Choices, Parts, Redactor

STAGED_SIZE, STAGED_FPS = (1280, 720), 30
ENCODING = Encoding(preset="ultrafast")
"""Both passes encode like this: the budget is counted against the fastest encoder, which flatters nobody."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One run over the clip."""

    seconds: float
    cpu_seconds: float
    frames: int

    @property
    def fps(self) -> float:
        """Frames a second of wall time."""
        return self.frames / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Processor milliseconds a frame, all threads together."""
        return 1000 * self.cpu_seconds / self.frames


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured; speeds are medians over the rounds, ratios medians of the rounds' own ratios."""

    clip: str
    width: int
    height: int
    frames: int
    rounds: int
    people: int
    faces_per_frame: float
    plain_fps: float
    redact_fps: float
    speed_ratio: float
    """redact over plain; the budget is 0.5."""
    plain_cpu_ms: float
    redact_cpu_ms: float
    cpu_ratio: float
    stages_ms: dict[str, float]
    """Milliseconds a frame inside the pipeline."""
    peak_memory_mb: float
    processors: int


def stage_clip(path: Path, seconds: float, photos: Path | None = None, size: tuple[int, int] = STAGED_SIZE) -> None:
    """Write the staged scene as a video; raises CaptureError when its photos are missing."""
    stage = Stage(photos or photos_folder(), *size, STAGED_FPS)
    shape = Shape(*size, "yuv420p", Fraction(1, STAGED_FPS), Fraction(STAGED_FPS), Fraction(1), False, 2, 2, 2, "")
    writer = VideoWriter(path, shape, (), Encoding(preset="veryfast"))
    for index in range(round(seconds * STAGED_FPS)):
        writer.write(_unmasked(stage.frame(index)), index, 1)
    writer.close()


def measure(clip: Path, config: Config, people: Gallery = NOBODY, rounds: int = 3) -> Figures:
    """Run both passes in turn, `rounds` times each after one of each to warm up, then the stages by themselves."""
    config = assembly.for_files(config)
    parts = Parts(assembly.detector(config), assembly.embedder(config))
    redactor = Redactor(config, people, Choices(ENCODING, overwrite=True), parts)
    bare, masked = [], []
    with tempfile.TemporaryDirectory(prefix="mofy-bench-") as folder:
        nowhere, target = Path(folder) / "nowhere.mkv", Path(folder) / "out.mkv"
        # What was not masked is encoded and written to nothing.
        nowhere.symlink_to(os.devnull)
        for turn in range(rounds + 1):
            passes = (timed(lambda: _plain(clip, nowhere)), timed(lambda: redacted(redactor, clip, target)))
            if turn:
                bare.append(passes[0])
                masked.append(passes[1])
    stages, faces, size = _stages(clip, config, people, parts)
    return Figures(
        clip=clip.name,
        width=size[0],
        height=size[1],
        frames=bare[0].frames,
        rounds=rounds,
        people=len(people.people),
        faces_per_frame=round(faces, 2),
        plain_fps=_median(p.fps for p in bare),
        redact_fps=_median(r.fps for r in masked),
        speed_ratio=_median(r.fps / p.fps for p, r in zip(bare, masked)),
        plain_cpu_ms=_median(p.cpu_ms for p in bare),
        redact_cpu_ms=_median(r.cpu_ms for r in masked),
        cpu_ratio=_median(r.cpu_ms / p.cpu_ms for p, r in zip(bare, masked)),
        stages_ms=stages,
        peak_memory_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        processors=len(os.sched_getaffinity(0)),
    )


def _median(values: Iterator[float]) -> float:
    return round(statistics.median(values), 3)


def timed(work: Callable[[], int]) -> Pass:
    """What it took to do the work, which returns its frames."""
    began, cpu_began = time.perf_counter(), time.process_time()
    frames = work()
    return Pass(time.perf_counter() - began, time.process_time() - cpu_began, frames)


def _plain(clip: Path, target: Path) -> int:
    """Decode and encode, overlapped as redaction does it, and nothing else."""
    frames = 0
    with VideoReader(clip) as reader:
        writer = VideoWriter(target, reader.shape, reader.sounds, ENCODING)
        ahead: Ahead[list[object]] = Ahead(batched(reader, lambda item: isinstance(item, Decoded)), WAITING)
        behind: Behind[list[Callable[[], None]]] = Behind(_do_all, WAITING)
        for batch in ahead:
            frames += sum(isinstance(item, Decoded) for item in batch)
            behind.put([_write(writer, item) for item in batch])
        behind.finish()
        writer.close()
    return frames


def _write(writer: VideoWriter, item: object) -> Callable[[], None]:
    if isinstance(item, Decoded):
        return partial(writer.write, _unmasked(item.frame), item.pts, item.duration)
    return partial(writer.sound, item)


def _do_all(works: list[Callable[[], None]]) -> None:
    for work in works:
        work()


class _NoMask:
    def cover(self, y: object, u: object, v: object, token: int) -> None:
        raise AssertionError("there is nothing to cover")


def _unmasked(frame: Frame) -> MaskedFrame:
    """The frame as it is: only the bench has a pass without masks, and it writes that to nothing."""
    return veil(frame, (), _NoMask())


def redacted(redactor: Redactor, clip: Path, target: Path) -> int:
    """The frames of the clip, redacted; raises InputError where it cannot be."""
    outcome = redactor.redact(Job(clip, target, Kind.VIDEO, True))
    if outcome.error:
        raise InputError(outcome.error)
    return outcome.frames


def _stages(
    clip: Path, config: Config, people: Gallery, parts: Parts
) -> tuple[dict[str, float], float, tuple[int, int]]:
    """Milliseconds a frame by stage, faces a frame, and the frame's size."""
    meter = Meter(frames=None)
    pipeline = assembly.film(config, TimedDetector(parts.detector, meter), TimedEmbedder(parts.embedder, meter), people)
    frames = faces = 0
    size = (0, 0)
    with VideoReader(clip) as reader:
        for item in reader:
            if not isinstance(item, Decoded):
                continue
            size = (item.frame.width, item.frame.height)
            with meter.stage("whole step"):
                ready = pipeline.step(item.frame)
            meter.frame_done()
            frames += 1
            faces += sum(len(masked.covered) + len(masked.shown) for masked in ready)
        faces += sum(len(masked.covered) + len(masked.shown) for masked in pipeline.flush())
    return meter.means_ms(), faces / max(frames, 1), size


def cast(config: Config, photos: Path | None = None) -> Gallery:
    """The one person of the staged scene who is enrolled, from photos that the scene does not show."""
    folder = photos or photos_folder()
    models = enrolment.models(config)
    sitting = enrolment.look([folder / name for name in ENROL_PHOTOS], models, [])
    return gallery([Person("staged", "Staged", np.stack([template.embedding for template in sitting.templates]))])

"""The largest detector input and tile count that hold the frame rate on this very box, found by trying."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from appliance import __version__, assembly, boards, model_files, whole_files
from appliance.capture._stage import Stage
from appliance.capture.walk import photos_folder
from appliance.errors import MofyError
from appliance.files.video_reader import Shape
from appliance.files.video_writer import Encoding, VideoWriter
from appliance.options import Config

FRAMES = 45
WARM_FRAMES = 15
"""Of those, the first are not counted: caches fill, and every tile is seen for the first time."""

HEADROOM = 0.7
"""Share of a frame's time that may be used: the camera, the network and the heat of the afternoon need the rest."""

TILES = (4, 2, 1)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to look for faces."""

    detector: str
    tiles_a_frame: int


@dataclass(frozen=True, slots=True)
class Trial:
    """What it cost here."""

    detector: str
    tiles_a_frame: int
    frame_ms: float
    """Median of masking and encoding one frame, one after the other."""
    holds: bool


@dataclass(frozen=True, slots=True)
class Tuning:
    """The outcome."""

    trials: tuple[Trial, ...]
    chosen: Trial
    budget_ms: float


def candidates(config: Config) -> list[Candidate]:
    """From the most that can be seen to the least: detectors of the configured one's kind, larger inputs first."""
    named = model_files.find(config.faces.detector) if config.faces.detector else model_files.default("detector")
    kin = [
        model
        for model in model_files.models()
        if (model.kind, model.runtime, model.precision) == (named.kind, named.runtime, named.precision)
    ]
    kin.sort(key=lambda model: model.width * model.height, reverse=True)
    return [Candidate(model.id, tiles) for model in kin for tiles in TILES]


def tune(config: Config, frames: int = FRAMES) -> Tuning:
    """Try candidates on the staged scene until one holds the camera's rate; the cheapest when none does.

    Raises CaptureError without the scene's photos, MofyError where no candidate runs.
    """
    budget_ms = 1000 / config.camera.fps * HEADROOM
    trials: list[Trial] = []
    scene = Stage(photos_folder(), config.camera.width, config.camera.height, config.camera.fps)
    for candidate in candidates(config):
        cost_ms = _frame_ms(_with(config, candidate), scene, frames)
        trials.append(Trial(candidate.detector, candidate.tiles_a_frame, round(cost_ms, 2), cost_ms <= budget_ms))
        if trials[-1].holds:
            break
    if not trials:
        raise MofyError(f"{config.faces.detector}: there is no detector to try")
    return Tuning(tuple(trials), min(trials, key=lambda trial: (not trial.holds, trial.frame_ms)), budget_ms)


def save(tuning: Tuning, data: Path) -> Path:
    """Keep it for this board; raises OSError."""
    kept = {
        **boards.marks(),
        "version": __version__,
        "options": {"faces": {"detector": tuning.chosen.detector, "tiles_a_frame": tuning.chosen.tiles_a_frame}},
        "measured": asdict(tuning),
        "at": time.time(),
    }
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = data / boards.TUNED
    whole_files.replace(path, json.dumps(kept, indent=2) + "\n")
    return path


def told(options: Mapping[str, Mapping[str, Any]]) -> Sequence[tuple[str, str]]:
    """(option, value) pairs for a person."""
    return [(f"{section}.{name}", str(value)) for section, values in options.items() for name, value in values.items()]


def _with(config: Config, candidate: Candidate) -> Config:
    faces = {"detector": candidate.detector, "tiles_a_frame": candidate.tiles_a_frame}
    return config.model_copy(update={"faces": config.faces.model_copy(update=faces)})


def _frame_ms(config: Config, scene: Stage, frames: int) -> float:
    pipeline = assembly.live(config, assembly.detector(config), assembly.embedder(config))
    width, height, fps = config.camera.width, config.camera.height, config.camera.fps
    shape = Shape(width, height, "yuv420p", Fraction(1, fps), Fraction(fps), Fraction(1), False, 2, 2, 2, "")
    costs_ms = []
    with tempfile.TemporaryDirectory(prefix="mofy-tune-") as folder:
        writer = VideoWriter(Path(folder) / "masked.mkv", shape, (), Encoding(preset="ultrafast"))
        for frame in map(scene.frame, range(frames)):
            began = time.perf_counter()
            for masked in pipeline.step(frame):
                writer.write(masked, masked.index, 1)
            costs_ms.append(1000 * (time.perf_counter() - began))
        writer.close()
    return statistics.median(costs_ms[WARM_FRAMES:])

"""The staged scenes through the film pipeline, judged by their truth instead of detectors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance import assembly, bench, config
from appliance.audit import judge_frame
from appliance.auditing.figures import LEAST_PX, Figures, Judged, count
from appliance.auditing.sheet import Sheet
from appliance.auditing.subjects import Sighting, Subject
from appliance.capture._stage import LOOP_S, SCENE, Actor, Stage
from tests.benchmarks.leak.scenes import ENROLLED, SECONDS, Scene

SIZE, FPS = (640, 360), 30.0
VISIBLE = 0.8
"""A face less visible than this is hidden by somebody nearer, who may be somebody shown."""


@dataclass(frozen=True, slots=True)
class Staged:
    """Figures of staged scenes."""

    name: str
    crossings: int
    frames: int
    figures: Figures
    leaking: tuple[int, ...]
    """Seeds of the scenes in which a stranger was bare."""
    sheet: Sheet


class Theatre:
    """Plays scenes; the networks are loaded once."""

    def __init__(self, photos: Path) -> None:
        self._photos = photos
        self._config = config.load()
        self._detector, self._embedder = assembly.detector(self._config), assembly.embedder(self._config)
        self._people = bench.cast(self._config, photos)

    def demo(self) -> Staged:
        """The demo's own scene, once through, at 720p."""
        stage = Stage(self._photos)
        sheet = Sheet()
        frames = round(LOOP_S * stage.fps)
        judged = self._play(stage, SCENE, frames, 0, sheet)
        return Staged("staged scene of the demo", 0, frames, count(judged, 1 / stage.fps), _leaking(judged), sheet)

    def crossings(self, played: Iterable[Scene], crossings: int, told: Callable[[int], None]) -> Staged:
        """All scenes, one after the other, each with a pipeline of its own."""
        judged: list[Judged] = []
        sheet = Sheet()
        frames = 0
        for number, scene in enumerate(played):
            stage = Stage(self._photos, *SIZE, FPS, scene.actors, SECONDS)
            judged += self._play(stage, scene.actors, round(SECONDS * FPS), scene.seed, sheet)
            frames += round(SECONDS * FPS)
            told(number + 1)
        name = f"{crossings} crossings and swaps"
        return Staged(name, crossings, frames, count(judged, 1 / FPS), _leaking(judged), sheet)

    def _play(self, stage: Stage, actors: Sequence[Actor], frames: int, seed: int, sheet: Sheet) -> list[Judged]:
        pipeline = assembly.film(self._config, self._detector, self._embedder, self._people)
        cast = {actor.person: _subject(actor.person, 100 * seed + at) for at, actor in enumerate(actors)}
        judged: list[Judged] = []
        for index in range(frames + 1):
            ready = pipeline.step(stage.frame(index)) if index < frames else pipeline.flush()
            for masked in ready:
                seen = judge_frame(stage.frame(masked.index), masked, _places(stage, masked.index, cast))
                sheet.take(masked, seen)
                judged += seen
        return judged


def _subject(person: str, number: int) -> Subject:
    known = person if person == ENROLLED else ""
    return Subject(number, (), (), known, 1.0 if known else 0.0, bool(known))


def _places(stage: Stage, index: int, cast: dict[str, Subject]) -> list[Judged]:
    return [
        Judged(cast[present.person], Sighting(index, present.box, 0.2, 1.0), 0.0)
        for present in stage.truth(index)
        if present.visible >= VISIBLE and present.box.size >= LEAST_PX
    ]


def _leaking(judged: Sequence[Judged]) -> tuple[int, ...]:
    return tuple(sorted({face.subject.number // 100 for face in judged if face.bare and face.stranger}))

"""Photos and videos through the same pipeline as the live picture; each file whole and masked, or not there at all."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from appliance import assembly
from appliance.core.frames import from_rgb
from appliance.core.identity import NOBODY, Gallery
from appliance.core.veiling import MaskedFrame
from appliance.errors import InputError, MofyError, system_reason
from appliance.faces import Detector, Embedder
from appliance.files import pictures
from appliance.files.media_kind import Kind
from appliance.files.outputs import refuse_taken, whole
from appliance.files.overlap import WAITING, Ahead, Behind, batched
from appliance.files.photo_files import opaque_where_covered, save
from appliance.files.redact_plan import Job
from appliance.files.video_reader import Decoded, VideoReader
from appliance.files.video_writer import Encoding, VideoWriter, can_hold
from appliance.options import Config
from appliance.pipeline import Pipeline, Searched
from appliance.portraits import opaque

SAMPLED_FRAMES = 900
"""The fullest frame is looked for among so many at the beginning: quick to find again."""

Progress = Callable[[int, "int | None"], None]
"""Called with the frames done and the number expected (None: unknown)."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a user may choose of the outputs."""

    encoding: Encoding = Encoding()
    keep_metadata: bool = False
    overwrite: bool = False


@dataclass(slots=True)
class Outcome:
    """What became of one file."""

    source: Path
    target: Path
    kind: Kind
    frames: int = 0
    covered: int = 0
    """Faces covered, summed over the frames."""
    shown: int = 0
    """Faces left bare, summed over the frames."""
    by_person: Counter[str] = field(default_factory=Counter)
    tracks: set[int] = field(default_factory=set)
    """Tracks that were covered in at least one frame."""
    dropped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    error: str | None = None
    fullest: int = 0
    """Index of the early frame in which most faces were covered: the one worth looking at."""
    most: int = 0
    """How many those were."""

    def count(self, masked: MaskedFrame) -> None:
        """Add one frame."""
        if len(masked.covered) > self.most and self.frames < SAMPLED_FRAMES:
            self.fullest, self.most = self.frames, len(masked.covered)
        self.frames += 1
        self.covered += len(masked.covered)
        self.shown += len(masked.shown)
        self.by_person.update(person.name for person in masked.shown)

    @property
    def fps(self) -> float:
        """Frames a second."""
        return self.frames / self.seconds if self.seconds > 0 else 0.0


class Redactor:
    """Redacts one file after the other; the networks are built once."""

    def __init__(
        self, config: Config, people: Gallery = NOBODY, choices: Choices = Choices(), parts: Parts | None = None
    ) -> None:
        """people: who stays visible. parts: the networks, when they are built already."""
        self._config = config
        self._people = people
        self._choices = choices
        self._parts = parts or Parts(assembly.detector(config), assembly.deciding_embedder(config)[0])

    def redact(self, job: Job, progress: Progress = lambda done, expected: None) -> Outcome:
        """Redact one file. A file that cannot be redacted leaves no output, and an outcome that says why."""
        outcome = Outcome(job.source, job.target, job.kind)
        began = time.monotonic()
        try:
            self._redact(job, outcome, progress)
        except MofyError as error:
            outcome.error = str(error)
        except OSError as error:
            outcome.error = f"{outcome.target}: {system_reason(error)}"
        except Exception as error:  # Hostile files bring decoders to raise what nobody foresaw; the rest must go on.
            outcome.error = f"{job.source}: failed ({type(error).__name__}: {error})"
        outcome.seconds = time.monotonic() - began
        return outcome

    def _redact(self, job: Job, outcome: Outcome, progress: Progress) -> None:
        if job.kind is Kind.UNKNOWN:
            raise InputError(f"{job.source}: {_why_unknown(job.source)}")
        job.target.parent.mkdir(parents=True, exist_ok=True)
        if job.kind is Kind.PHOTO:
            self._photo(job, outcome)
            progress(1, 1)
        else:
            self._video(job, outcome, progress)

    def _photo(self, job: Job, outcome: Outcome) -> None:
        refuse_taken(job.target, overwrite=self._choices.overwrite)
        source = pictures.load(job.source)
        pipeline = assembly.photo(self._config, self._parts.detector, self._parts.embedder, self._people)
        frame = from_rgb(source.rgb, full_chroma=True)
        (masked,) = pipeline.step(frame)
        _count(masked, pipeline, outcome)
        source = self._shapeless(source)
        with whole(job.target, overwrite=self._choices.overwrite) as part:
            save(part, masked, source, self._choices.keep_metadata)

    def _shapeless(self, source: pictures.Picture) -> pictures.Picture:
        """The picture, opaque where its transparency alone draws a face: colours need not hold one to show one."""
        if source.alpha is None:
            return source
        pipeline = assembly.photo(self._config, self._parts.detector, self._parts.embedder, self._people)
        (seen,) = pipeline.step(from_rgb(opaque(source), full_chroma=True))
        return replace(source, alpha=opaque_where_covered(source.alpha, seen))

    def _video(self, job: Job, outcome: Outcome, progress: Progress) -> None:
        with VideoReader(job.source) as reader:
            outcome.dropped = reader.dropped
            outcome.target = target = _target(job, reader)
            with whole(target, overwrite=self._choices.overwrite) as part:
                writer = VideoWriter(part, reader.shape, reader.sounds, self._choices.encoding)
                if self._choices.keep_metadata:
                    writer.keep_metadata(reader.metadata, reader.chapters)
                self._film(reader, writer, outcome, progress)

    def _film(self, reader: VideoReader, writer: VideoWriter, outcome: Outcome, progress: Progress) -> None:
        pipeline = assembly.film(self._config, self._parts.detector, self._parts.embedder, self._people)
        expected = reader.expected_frames

        def covered(masked: MaskedFrame) -> None:
            _count(masked, pipeline, outcome)
            progress(outcome.frames, expected)

        film = _Film(pipeline, writer, covered)
        batches = batched(_searched(pipeline, reader), lambda item: isinstance(item, _Found))
        ahead: Ahead[list[_Found | Any]] = Ahead(batches, WAITING)
        behind: Behind[list[Callable[[], None]]] = Behind(_do_all, WAITING)
        try:
            for batch in ahead:
                behind.put(film.taken(batch))
            for masked in pipeline.flush():
                behind.put([film.written(masked)])
            behind.finish()
            if outcome.frames != len(film.times):
                raise MofyError(f"{outcome.source}: {len(film.times)} frames went in but {outcome.frames} came out")
            writer.close()
        except BaseException:
            behind.abandon()
            writer.abandon()
            raise
        finally:
            ahead.stop()


@dataclass(frozen=True, slots=True)
class Parts:
    """The networks a pipeline needs."""

    detector: Detector
    embedder: Embedder


@dataclass(frozen=True, slots=True)
class _Found:
    """A searched frame, and when it is shown."""

    searched: Searched
    pts: int
    duration: int


def _searched(pipeline: Pipeline, items: Iterable[Decoded | Any]) -> Iterator[_Found | Any]:
    """The items, faces looked for in each frame; to be drawn by one thread, beside the one that covers them."""
    for item in items:
        yield _Found(pipeline.search(item.frame), item.pts, item.duration) if isinstance(item, Decoded) else item


class _Film:
    """Searched pictures and packets of sound go in, what is to be written comes out, in order."""

    def __init__(self, pipeline: Pipeline, writer: VideoWriter, covered: Callable[[MaskedFrame], None]) -> None:
        """covered: called with each picture as soon as it is."""
        self._pipeline = pipeline
        self._writer = writer
        self._covered = covered
        self.times: list[tuple[int, int]] = []
        """When each picture that went in is shown, and for how long."""

    def taken(self, batch: Iterable[_Found | Any]) -> list[Callable[[], None]]:
        """What is ready to be written after these."""
        writes: list[Callable[[], None]] = []
        for item in batch:
            if isinstance(item, _Found):
                self.times.append((item.pts, item.duration))
                writes += [self.written(masked) for masked in self._pipeline.take(item.searched)]
            else:
                writes.append(partial(self._writer.sound, item))
        return writes

    def written(self, masked: MaskedFrame) -> Callable[[], None]:
        """How to write this picture, which the pipeline has just given."""
        self._covered(masked)
        return partial(self._writer.write, masked, *self.times[masked.index])


def _do_all(works: Iterable[Callable[[], None]]) -> None:
    for work in works:
        work()


def _count(masked: MaskedFrame, pipeline: Pipeline, outcome: Outcome) -> None:
    """Count a picture that the pipeline has just given."""
    outcome.count(masked)
    if pipeline.last_report is not None:
        outcome.tracks.update([face.track for face in pipeline.last_report.faces if not face.verdict.shows])


def _target(job: Job, reader: VideoReader) -> Path:
    """The output's name; one we chose ourselves becomes .mkv when only Matroska holds the sound."""
    suffix = job.target.suffix.lower()
    if job.name_is_given or can_hold(suffix, reader.sounds):
        return job.target
    return job.target.with_suffix(".mkv")


def _why_unknown(path: Path) -> str:
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        return f"cannot be read ({system_reason(error)})"
    return "is empty" if empty else "is neither a photo (JPEG, PNG, WebP, HEIC) nor a video that MOFY reads"


def report_of(outcome: Outcome) -> dict[str, Any]:
    """The outcome as plain data for a report."""
    return {
        "input": str(outcome.source),
        "output": None if outcome.error else str(outcome.target),
        "kind": outcome.kind.value,
        "frames": outcome.frames,
        "face_frames_covered": outcome.covered,
        "face_frames_shown": outcome.shown,
        "shown_by_person": dict(sorted(outcome.by_person.items())),
        "tracks_covered": len(outcome.tracks),
        "dropped_streams": list(outcome.dropped),
        "seconds": round(outcome.seconds, 3),
        "fps": round(outcome.fps, 2),
        "error": outcome.error,
    }


def limited(people: Gallery, names: Iterable[str]) -> Gallery:
    """The gallery with only these people; raises InputError for a name nobody in it has."""
    from appliance.core.identity import gallery

    wanted = {name.casefold(): name for name in names}
    known = {person.name.casefold() for person in people.people}
    missing = [name for folded, name in wanted.items() if folded not in known]
    if missing:
        there = ", ".join(sorted(person.name for person in people.people)) or "nobody"
        raise InputError(f"--keep {missing[0]}: there is no such person; enrolled: {there}")
    return gallery([person for person in people.people if person.name.casefold() in wanted])

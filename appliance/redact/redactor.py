"""Photos and videos through the same pipeline as the live picture; each file whole and masked, or not there at all."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from appliance import assembly
from appliance.core.frames import from_rgb
from appliance.core.identity import NOBODY, Gallery
from appliance.core.veiling import MaskedFrame
from appliance.errors import InputError, MofyError, system_reason
from appliance.faces import Detector, Embedder
from appliance.files import pictures
from appliance.files.media_kind import Kind
from appliance.files.outputs import refuse_taken, whole
from appliance.files.photo_files import opaque_where_covered, save
from appliance.files.redact_plan import Job
from appliance.files.video_reader import VideoReader
from appliance.files.video_writer import Encoding, VideoWriter, can_hold
from appliance.options import Config
from appliance.portraits import opaque
from appliance.redact import film
from appliance.redact.outcome import Outcome

Progress = Callable[[int, "int | None"], None]
"""Called with the frames done and the number expected (None: unknown)."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a user may choose of the outputs."""

    encoding: Encoding = Encoding()
    keep_metadata: bool = False
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Parts:
    """The networks a pipeline needs."""

    detector: Detector
    embedder: Embedder


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
        outcome.count(masked, pipeline.last_report)
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
            outcome.count(masked, pipeline.last_report)
            progress(outcome.frames, expected)

        film.redact(pipeline, reader, writer, covered)


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

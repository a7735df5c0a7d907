"""Which faces of a finished recording are still bare? Original and masked file, judged by the meter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from appliance.auditing.detail import kept
from appliance.auditing.detector import Detector
from appliance.auditing.figures import LEAST_PX, Figures, Judged, count
from appliance.auditing.pairing import Pairing
from appliance.auditing.recogniser import SAME_PERSON, SURE_PERSON, Known, Recogniser, known
from appliance.auditing.sheet import Sheet
from appliance.auditing.subjects import FRONTAL, GOOD_PX, Follower, Look, Subject
from appliance.core.alignment import crop
from appliance.core.faces import Face
from appliance.core.frames import Frame, RgbImage
from appliance.core.quality import turn
from appliance.core.veiling import MaskedFrame
from appliance.errors import InputError
from appliance.files.video_reader import Decoded, VideoReader

LOOK_EVERY = 5
"""Every so many sightings of a face the recogniser looks at it."""

LOOK_PX = 24.0
"""Smaller faces tell it nothing."""

Progress = Callable[[str, int, int | None], None]
"""Called with what is being done, frames done, and frames in all if known."""


def _silent(doing: str, done: int, expected: int | None) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """An original once seen: whose faces are where."""

    subjects: tuple[Subject, ...]
    frames: int
    every: int
    """Only every so-many-th frame was looked at."""
    size: tuple[int, int]
    fps: float


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """The judgement of one masked recording."""

    watched: Watched
    judged: tuple[Judged, ...]
    figures: Figures
    sheet: Sheet

    def second(self, frame: int) -> float:
        """The time of a frame."""
        return frame / self.watched.fps

    @property
    def clean(self) -> bool:
        """True when no stranger was bare in any judged frame."""
        return not self.figures.all_sizes.bare_strangers


class Auditor:
    """Judges recordings; its networks are loaded once. Raises ModelError when one is missing."""

    def __init__(self, people: Mapping[str, Sequence[RgbImage]] = {}) -> None:
        """people: the (112, 112, 3) crops of those who may be bare, by name; everybody else is a stranger."""
        self._detector = Detector()
        self._recogniser = Recogniser() if people else None
        self._known = known(people, self._recogniser) if self._recogniser else Known()

    def audit(self, original: Path, masked: Path, every: int = 1, progress: Progress = _silent) -> Audit:
        """Judge a pair of recordings; raises InputError when they are not one and the same but for what is covered."""
        check_pair(original, masked, progress)
        return judge(self.watch(original, every, progress), original, masked, progress)

    def watch(self, original: Path, every: int = 1, progress: Progress = _silent) -> Watched:
        """Find, follow and name the faces of an original."""
        follower = Follower(every)
        index = -1
        with VideoReader(original) as reader:
            for index, frame in enumerate(_frames(reader)):
                if index % every == 0:
                    faces = self._detector.detect(frame)
                    for face, stay in zip(faces, follower.follow(frame, index, faces)):
                        self._look(frame, index, face, stay.sightings, stay.looks)
                progress("finding faces", index + 1, reader.expected_frames)
            shape = reader.shape
        subjects = tuple(self._named(subject) for subject in follower.subjects())
        return Watched(subjects, index + 1, every, (shape.width, shape.height), float(shape.rate))

    def _look(self, frame: Frame, index: int, face: Face, sightings: Sequence[object], looks: list[Look]) -> None:
        due = len(sightings) % LOOK_EVERY == 1
        if self._recogniser is None or face.landmarks is None or not due or face.box.size < LOOK_PX:
            return
        good = turn(face.landmarks) <= FRONTAL and face.box.size >= GOOD_PX
        looks.append(Look(index, self._recogniser.embed(crop(frame, face.landmarks)), good))

    def _named(self, subject: Subject) -> Subject:
        good = [look.embedding for look in subject.looks if look.good]
        name, similarity = self._known.who(good or [look.embedding for look in subject.looks])
        named = name if similarity >= SAME_PERSON else ""
        return replace(subject, person=named, similarity=similarity, sure=similarity >= SURE_PERSON)


def judge(watched: Watched, original: Path, masked: Path, progress: Progress = _silent) -> Audit:
    """Compare the faces watched in the original with the same places of the masked recording."""
    places = places_of(watched)
    judged: list[Judged] = []
    sheet = Sheet()
    with VideoReader(original) as a, VideoReader(masked) as b:
        _check_sizes(original, a, masked, b)
        for index, (raw, covered) in enumerate(_pairs(original, a, masked, b)):
            seen = judge_frame(raw, covered, places.get(index, ()))
            sheet.take(covered, seen)
            judged += seen
            progress("comparing", index + 1, watched.frames)
    figures = count(judged, 1 / watched.fps, watched.every)
    return Audit(watched, tuple(judged), figures, sheet)


def check_pair(original: Path, masked: Path, progress: Progress = _silent) -> None:
    """Raise InputError when one recording is not the other with something covered: nothing could be compared then."""
    pairing = Pairing()
    with VideoReader(original) as a, VideoReader(masked) as b:
        _check_sizes(original, a, masked, b)
        for index, (raw, covered) in enumerate(_pairs(original, a, masked, b)):
            pairing.take(raw.y, covered.y)
            progress("comparing both", index + 1, a.expected_frames)
    if fault := pairing.fault():
        raise InputError(f"{masked}: {fault}, compared with {original}: they are not a pair")


def places_of(watched: Watched) -> dict[int, list[Judged]]:
    """The faces large enough to judge, by frame."""
    places: dict[int, list[Judged]] = {}
    for subject in watched.subjects:
        for sighting in subject.sightings:
            if sighting.box.size >= LEAST_PX:
                places.setdefault(sighting.frame, []).append(Judged(subject, sighting, 0.0))
    return places


def judge_frame(raw: Frame, masked: Frame | MaskedFrame, places: Sequence[Judged]) -> list[Judged]:
    """The places of one frame, judged; those outside the picture are left out."""
    seen = [replace(place, kept=kept(raw.y, masked.y, place.sighting.box)) for place in places]
    return [face for face in seen if face.kept == face.kept]


def _frames(reader: VideoReader) -> Iterator[Frame]:
    return (item.frame for item in reader if isinstance(item, Decoded))


def _pairs(original: Path, a: VideoReader, masked: Path, b: VideoReader) -> Iterator[tuple[Frame, Frame]]:
    first, second = _frames(a), _frames(b)
    count = 0
    for raw in first:
        covered = next(second, None)
        if covered is None:
            raise InputError(f"{masked}: ends after {count} frames, {original} does not: they are not a pair")
        count += 1
        yield raw, covered
    if next(second, None) is not None:
        raise InputError(f"{original}: ends after {count} frames, {masked} does not: they are not a pair")


def _check_sizes(original: Path, a: VideoReader, masked: Path, b: VideoReader) -> None:
    sizes = [f"{reader.shape.width}x{reader.shape.height}" for reader in (a, b)]
    if sizes[0] != sizes[1]:
        raise InputError(f"{masked}: is {sizes[1]}, but {original} is {sizes[0]}: they are not a pair")

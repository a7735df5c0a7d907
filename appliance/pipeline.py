"""One frame, in a straight line: find, follow, verify, wait, judge, veil."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from appliance.core.alignment import crop
from appliance.core.cohort import Cohort
from appliance.core.cuts import CutDetector
from appliance.core.drawing import outline
from appliance.core.frames import Frame
from appliance.core.identity import NOBODY, Gallery, Levels, Verdict, verify
from appliance.core.lookahead import Placed, Reach, placed
from appliance.core.quality import measure
from appliance.core.scheduling import due
from appliance.core.tracking import Track, Tracker
from appliance.core.veiling import Mask, MaskedFrame, Shown, veil
from appliance.finding import Finder

MIN_QUALITY = 0.03
"""A look worse than this is not worth its time: it says nothing of who it is."""


COHORT_QUALITY = 0.5
"""A stranger's look worse than this tells nothing of how alike people here look."""


class Embedder(Protocol):
    """Turns aligned crops into embeddings of one model."""

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(n, 112, 112, 3) RGB to (n, d) unit rows; raises ModelError when the model answers nonsense."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a pipeline works; every field may be changed while it runs."""

    window: int = 10
    """Frames the output lags behind the newest one."""
    reach: int = 10
    """Frames that a cover reaches beyond a face's first and last sighting, and that it may be lost and found again."""
    margin: float = 0.25
    """Share of a face's size that its cover reaches beyond it on each side."""
    verifications: int = 3
    """Faces looked at in one frame, at most."""
    min_face_px: float = 28.0
    """Faces smaller than this are never recognised, hence always covered."""
    levels: Levels = Levels()
    cover_everyone: bool = False
    outline: bool = False
    """Draw the box and name of shown people."""


def _memory(settings: Settings) -> int:
    """Frames a track must be remembered for: the window, what reaches into it, and what brackets it."""
    return 2 * settings.window + settings.reach + 3


@dataclass(frozen=True, slots=True)
class Report:
    """What was done to one emitted frame."""

    index: int
    faces: tuple[Placed, ...]


class Pipeline:
    """Frames in, masked frames out, `window` frames later. One thread; not to be shared."""

    def __init__(
        self,
        finder: Finder,
        embedder: Embedder,
        mask: Mask,
        people: Gallery = NOBODY,
        settings: Settings = Settings(),
        now: Callable[[], float] = time.time,
    ) -> None:
        """now: epoch seconds, for people who expire."""
        self._finder = finder
        self._embedder = embedder
        self._mask = mask
        self._people = people
        self._settings = settings
        self._now = now
        self._cuts = CutDetector()
        self._cohort = Cohort()
        self._tracker = Tracker(_memory(settings), settings.reach)
        self._waiting: deque[Frame] = deque()
        self._index = 0
        self.last_report: Report | None = None

    @property
    def settings(self) -> Settings:
        """What is in force."""
        return self._settings

    def enrol(self, people: Gallery) -> None:
        """Compare with these people from now on; frames still waiting obey as well."""
        self._people = people
        self._tracker.break_all(self._index)

    def adjust(self, settings: Settings, mask: Mask | None = None) -> None:
        """Work with these settings, and this mask if one is given, from now on; frames still waiting obey as well."""
        self._tracker.resize(_memory(settings), settings.reach)
        self._settings = settings
        self._mask = mask or self._mask

    def step(self, frame: Frame) -> list[MaskedFrame]:
        """Take the next frame; return those that have waited long enough (usually one), oldest first."""
        frame = replace(frame, index=self._index, cut=self._cuts.is_cut(frame) or frame.cut)
        self._index += 1
        self._tracker.follow(frame.index, self._finder.find(frame), frame.cut)
        self._verify(frame)
        self._waiting.append(frame)
        ready = []
        while len(self._waiting) > self._settings.window:
            ready.append(self._emit())
        return ready

    def flush(self) -> Iterator[MaskedFrame]:
        """The frames still waiting, one by one, when no more will come; last_report speaks of the one just given."""
        while self._waiting:
            yield self._emit()

    def _verify(self, frame: Frame) -> None:
        settings = self._settings
        if not self._people.people or settings.cover_everyone:
            return
        tracks = due(self._tracker.tracks, frame.index, settings.verifications, settings.reach, settings.min_face_px)
        looks = [look for look in (_look(frame, track) for track in tracks) if look.quality >= MIN_QUALITY]
        if not looks:
            return
        embeddings = self._embedder.embed(np.stack([look.crop for look in looks]))
        self._tracker.update({look.track.id: self._judged(look, e, frame.index) for look, e in zip(looks, embeddings)})

    def _judged(self, look: _Look, embedding: NDArray[np.float32], frame: int) -> Track:
        """The track with the evidence of one more look; the cohort learns who is nobody enrolled."""
        track, settings = look.track, self._settings
        self._cohort.forget(frame)
        apart = self._cohort.stands_out(self._people)
        oldest = frame - _memory(settings)
        evidence = verify(track.evidence, self._people, settings.levels, frame, embedding, look.quality, oldest, apart)
        latest = evidence.latest
        if latest is not None and latest.person is None and look.quality >= COHORT_QUALITY:
            self._cohort.saw(track.id, embedding, frame)
        elif latest is not None and latest.proven:
            self._cohort.is_known(track.id)
        return replace(track, evidence=evidence)

    def _emit(self) -> MaskedFrame:
        frame = self._waiting.popleft()
        settings = self._settings
        reach = Reach(settings.reach, settings.margin)
        faces = placed(self._tracker.tracks, frame.index, reach)
        faces = [self._obeying(face) for face in faces]
        covers = [face.cover for face in faces if not face.verdict.shows]
        shown = [Shown(face.box, self._people.name(face.verdict.person)) for face in faces if face.verdict.person]
        self.last_report = Report(frame.index, tuple(faces))
        if settings.outline:
            for face in shown:
                outline(frame, face.box, face.name)
        return veil(frame, covers, self._mask, shown)

    def _obeying(self, face: Placed) -> Placed:
        """The verdict by the wishes of this very moment: deleted, expired or panicking means covered."""
        person = face.verdict.person
        if person is not None and (self._settings.cover_everyone or not self._people.has(person, self._now())):
            return replace(face, verdict=Verdict())
        return face


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    track: Track
    crop: NDArray[np.uint8]
    quality: float


def _look(frame: Frame, track: Track) -> _Look:
    assert track.face is not None, "only faces just seen are due"
    assert track.face.landmarks is not None, "only faces with landmarks are due"
    aligned = crop(frame, track.face.landmarks)
    return _Look(track, aligned, measure(aligned, track.face.landmarks).score)

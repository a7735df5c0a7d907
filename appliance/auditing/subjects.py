"""Faces followed through the original: a subject is one face's stay in view, as far as the meter can vouch for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import cv2
import numpy as np
from lap import lapjvx
from numpy.typing import NDArray

from appliance.auditing.detector import SURE_SCORE
from appliance.core.faces import Embedding, Face
from appliance.core.frames import Frame, Plane, uint8
from appliance.core.geometry import Box, between
from appliance.core.quality import turn

SUPPORT = 3
"""A subject needs sightings in so many examined frames on end: what flashes up once is no face."""

GAP = 5
"""Examined frames a subject may go unseen; its place between is interpolated."""

NEAR = 8
"""Examined frames that a weak sighting may be away from a sure one of the same face."""

LEAST_IOU = 0.15
"""Overlap of a sighting with the subject's foretold place."""

RIVAL_IOU = 0.3
"""A second face this near the foretold place makes it uncertain who is who: both stays end there."""

SIZE_RATIO = 1.6
CUT_CHANGE = 18.0
"""Mean change of a 32x18 thumbnail (0..255) from which all stays end. A flash ends them too, which costs nothing."""

FRONTAL = 0.6
"""Turn up to which a look tells who it is."""

GOOD_PX = 32.0
"""Face size from which a look tells who it is."""

OTHER_PERSON = 0.10
"""Two looks at least this unlike (SFace) are two people, whatever their places say."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A face in one frame; size in pixels, turn 0 frontal .. 1 profile."""

    frame: int
    box: Box
    turn: float
    score: float
    """0 when the place is interpolated."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What the recogniser said of one sighting."""

    frame: int
    embedding: Embedding
    good: bool
    """True when the face is large and frontal enough to contradict another look."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One face's stay in view, sightings in the order of frames."""

    number: int
    sightings: tuple[Sighting, ...]
    looks: tuple[Look, ...] = ()
    person: str = ""
    """Who of the known people it is; empty for a stranger."""
    similarity: float = 0.0
    """To the most similar known person, whether or not it is that person."""
    sure: bool = False
    """True when the meter would swear to the person."""


@dataclass(slots=True, eq=False)
class _Open:
    sightings: list[Sighting]
    looks: list[Look] = field(default_factory=list)

    @property
    def last(self) -> Sighting:
        return self.sightings[-1]

    def foretold(self, frame: int) -> Box:
        if len(self.sightings) < 2:
            return self.last.box
        before = self.sightings[-min(len(self.sightings), 4)]
        frames = max(self.last.frame - before.frame, 1)
        share = (frame - self.last.frame) / frames
        (x0, y0), (x1, y1) = before.box.centre, self.last.box.centre
        return self.last.box.moved((x1 - x0) * share, (y1 - y0) * share)


class Follower:
    """Gathers sightings into subjects; frames in order, `every` frames apart."""

    def __init__(self, every: int = 1) -> None:
        self._every = every
        self._open: list[_Open] = []
        self._done: list[_Open] = []
        self._shots = _Shots()

    def follow(self, frame: Frame, index: int, faces: Sequence[Face]) -> list[_Open]:
        """Take in one frame's faces; returns the stay of each face, in their order."""
        if self._shots.is_new(frame):
            self._close(lambda stay: True)
        self._close(lambda stay: index - stay.last.frame > GAP * self._every)
        seen = [Sighting(index, face.box, _turn(face), face.score) for face in faces]
        stays = self._matched(seen, index)
        self._open += [stay for stay in stays if stay not in self._open]
        return stays

    def subjects(self) -> list[Subject]:
        """All that were seen often enough, in the order of appearance."""
        self._close(lambda stay: True)
        parts = [part for stay in self._done for part in _one_person_each(stay)]
        for part in parts:
            part.sightings = _vouched(part.sightings, self._every)
        lasting = [part for part in parts if _supported(part.sightings, self._every)]
        lasting.sort(key=lambda part: (part.sightings[0].frame, part.sightings[0].box.x0))
        return [
            Subject(number, _filled(part.sightings, self._every), tuple(part.looks))
            for number, part in enumerate(lasting, start=1)
        ]

    def _matched(self, seen: Sequence[Sighting], index: int) -> list[_Open]:
        places = [stay.foretold(index) for stay in self._open]
        alike = np.array([[_likeness(place, one.box) for place in places] for one in seen])
        alike = alike.reshape(len(seen), len(places))
        taken: dict[int, _Open] = {}
        for row, column in _paired(alike):
            if alike[row, column] >= LEAST_IOU and not _contested(alike, row, column):
                taken[row] = self._open[column]
        for row, one in enumerate(seen):
            if row in taken:
                taken[row].sightings.append(one)
            else:
                taken[row] = _Open([one])
        return [taken[row] for row in range(len(seen))]

    def _close(self, ended: Callable[[_Open], bool]) -> None:
        self._done += [stay for stay in self._open if ended(stay)]
        self._open = [stay for stay in self._open if not ended(stay)]


def _likeness(place: Box, seen: Box) -> float:
    ratio = max(place.size, 1.0) / max(seen.size, 1.0)
    return place.iou(seen) if 1 / SIZE_RATIO < ratio < SIZE_RATIO else 0.0


def _contested(alike: NDArray[np.float64], row: int, column: int) -> bool:
    rivals = np.concatenate([np.delete(alike[row], column), np.delete(alike[:, column], row)])
    return bool((rivals > RIVAL_IOU).any())


def _turn(face: Face) -> float:
    return turn(face.landmarks) if face.landmarks is not None else 1.0


def _vouched(sightings: Sequence[Sighting], every: int) -> list[Sighting]:
    """Without the weak sightings that have no sure one near; frames in order."""
    sure = np.array([one.frame for one in sightings if one.score >= SURE_SCORE])
    if not sure.size:
        return []
    return [one for one in sightings if np.abs(sure - one.frame).min() <= NEAR * every]


def _supported(sightings: Sequence[Sighting], every: int) -> bool:
    run = 1
    for before, after in pairwise(sightings):
        run = run + 1 if after.frame - before.frame == every else 1
        if run >= SUPPORT:
            return True
    return False


def _one_person_each(stay: _Open) -> Iterable[_Open]:
    """The stay, divided wherever two good looks on end are unlike: the follower went over to somebody else."""
    good = [look for look in stay.looks if look.good]
    for at, (before, after) in enumerate(pairwise(good), start=1):
        recent = np.sum([look.embedding for look in good[max(at - 3, 0) : at]], axis=0)
        if float(recent @ after.embedding) < OTHER_PERSON * float(np.linalg.norm(recent)):
            middle = (before.frame + after.frame + 1) // 2
            yield from (_part(stay, -1, middle), *_one_person_each(_part(stay, middle, after.frame + 10**9)))
            return
    yield stay


def _part(stay: _Open, first: int, end: int) -> _Open:
    return _Open(
        [one for one in stay.sightings if first <= one.frame < end],
        [look for look in stay.looks if first <= look.frame < end],
    )


def _filled(sightings: Sequence[Sighting], every: int) -> tuple[Sighting, ...]:
    """The sightings, and interpolated ones where the detectors missed the face for a moment."""
    filled = list(sightings[:1])
    for before, after in pairwise(sightings):
        for frame in range(before.frame + every, after.frame, every):
            share = (frame - before.frame) / (after.frame - before.frame)
            filled.append(replace(before, frame=frame, box=between(before.box, after.box, share), turn=1.0, score=0.0))
        filled.append(after)
    return tuple(filled)


def _paired(alike: NDArray[np.float64]) -> list[tuple[int, int]]:
    """One-to-one pairs (row, column), in order, that are most alike together."""
    if alike.size == 0:
        return []
    rows, columns = lapjvx(-alike, extend_cost=True, return_cost=False)
    return sorted(zip(rows.tolist(), columns.tolist()))


class _Shots:
    """Tells where a shot ends, by a thumbnail."""

    def __init__(self) -> None:
        self._before: Plane | None = None

    def is_new(self, frame: Frame) -> bool:
        now = uint8(cv2.resize(frame.y, (32, 18), interpolation=cv2.INTER_AREA))
        before, self._before = self._before, now
        return before is not None and float(cv2.absdiff(before, now).mean()) > CUT_CHANGE

"""What the meter found, counted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from appliance.auditing.detail import BARE
from appliance.auditing.subjects import Sighting, Subject

LEAST_PX = 20.0
"""Smaller faces are not judged: neither the detectors nor the comparison can be sure of them."""

SIZES = ((LEAST_PX, 40.0), (40.0, 80.0), (80.0, math.inf))
"""Classes of face size in pixels: the geometric mean of the box's width and height."""

SURE_PX, HALF_PROFILE = 40.0, 0.9
"""Size from which, and turn up to which (0.9 is about 40 degrees), enrolled people count towards "shown"."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One face in one frame: the share of its fine detail that the masked picture still has."""

    subject: Subject
    sighting: Sighting
    kept: float

    @property
    def bare(self) -> bool:
        """True when the face can be seen."""
        return self.kept >= BARE

    @property
    def stranger(self) -> bool:
        """True for everybody but the people who may be bare."""
        return not self.subject.person


@dataclass(frozen=True, slots=True)
class SizeRow:
    """Face-frames of one size class."""

    least_px: float
    most_px: float
    faces: int
    bare: int
    strangers: int
    bare_strangers: int

    @property
    def label(self) -> str:
        """The class in words, as "20 to 40 px"."""
        if math.isinf(self.most_px):
            return f"over {self.least_px:.0f} px"
        return f"{self.least_px:.0f} to {self.most_px:.0f} px"

    @property
    def percent(self) -> float:
        """Bare strangers in percent of all strangers' face-frames."""
        return percent(self.bare_strangers, self.strangers)


@dataclass(frozen=True, slots=True)
class Figures:
    """The counts of one recording, in face-frames: one face in one judged frame."""

    sizes: tuple[SizeRow, ...]
    all_sizes: SizeRow
    stranger_tracks: int
    stranger_tracks_bare: int
    """Tracks of strangers that were bare in at least one frame."""
    frames_to_covered: tuple[int, ...]
    """Of each stranger's track that began bare: judged frames from its first to its first covered one."""
    known_sure: int
    known_shown: int
    """Face-frames of known people that the meter is sure of (40 px, frontal to half profile), and the bare ones."""
    changes: int
    minutes: float
    """Times that a face went from bare to covered or back, and the length of all tracks together."""

    @property
    def shown_percent(self) -> float:
        """Known people shown, of the face-frames that the meter is sure of; NaN when there are none."""
        return percent(self.known_shown, self.known_sure) if self.known_sure else math.nan

    @property
    def flicker(self) -> float:
        """Changes between bare and covered in a minute of face."""
        return self.changes / self.minutes if self.minutes > 0 else 0.0


def count(judged: Sequence[Judged], seconds_a_frame: float, every: int = 1) -> Figures:
    """Figures of all judged faces; they were judged in every so-many-th frame."""
    tracks = by_subject(judged)
    strangers = [track for track in tracks if track[0].stranger]
    sure = [face for face in judged if _sure(face)]
    return Figures(
        sizes=tuple(_row(judged, *size) for size in SIZES),
        all_sizes=_row(judged, LEAST_PX, math.inf),
        stranger_tracks=len(strangers),
        stranger_tracks_bare=sum(any(face.bare for face in track) for track in strangers),
        frames_to_covered=tuple(_until_covered(track) * every for track in strangers if track[0].bare),
        known_sure=len(sure),
        known_shown=sum(face.bare for face in sure),
        changes=sum(a.bare != b.bare for track in tracks for a, b in pairwise(track)),
        minutes=len(judged) * every * seconds_a_frame / 60,
    )


def by_subject(judged: Sequence[Judged]) -> list[list[Judged]]:
    """The judged faces by track, each in the order of frames."""
    tracks: dict[int, list[Judged]] = {}
    for face in judged:
        tracks.setdefault(face.subject.number, []).append(face)
    return [sorted(track, key=lambda face: face.sighting.frame) for _, track in sorted(tracks.items())]


def percent(part: int, whole: int) -> float:
    """part of whole in percent; 0 of nothing."""
    return 100 * part / whole if whole else 0.0


def _row(judged: Sequence[Judged], least: float, most: float) -> SizeRow:
    faces = [face for face in judged if least <= face.sighting.box.size < most]
    strangers = [face for face in faces if face.stranger]
    bare = sum(face.bare for face in faces)
    return SizeRow(least, most, len(faces), bare, len(strangers), sum(face.bare for face in strangers))


def _sure(face: Judged) -> bool:
    subject, sighting = face.subject, face.sighting
    return subject.sure and bool(subject.person) and sighting.box.size >= SURE_PX and sighting.turn <= HALF_PROFILE


def _until_covered(track: Sequence[Judged]) -> int:
    return next((at for at, face in enumerate(track) if not face.bare), len(track))

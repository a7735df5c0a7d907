"""A clip of one person: who it is of, and his sharpest and least alike looks.

About ten frames a second are looked at. Faces are followed through them; what becomes of a face that was lost for a
moment is told by how alike it is. Frames are never kept, only crops of those faces that are fit to enrol.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from appliance.core.alignment import crop
from appliance.core.cuts import CutDetector
from appliance.core.faces import Embedding, Face, Landmarks
from appliance.core.frames import Frame, RgbImage, region_rgb
from appliance.core.geometry import Box, Rect
from appliance.core.identity import unit
from appliance.core.quality import Quality, measure
from appliance.core.tracking import Tracker
from appliance.core.tracks import Sighting
from appliance.errors import MofyError, PhotoError
from appliance.files.video_reader import Decoded, VideoReader
from appliance.finding import Detector
from appliance.portraits import CLEARLY_LARGER, SIDE_TURN, embedded, fault, find
from appliance.recognition import Embedder

View = Literal["frontal", "left", "right"]
"""Where the nose points in the picture."""

VIEWS: tuple[View, ...] = ("frontal", "left", "right")

MOST_SECONDS = 60.0
"""How much of a clip is looked at: a selfie clip takes ten seconds."""

MOST_FRAMES = 60 * 240
"""The same for clips whose clock does not get on."""

LOOK_EVERY_S = 0.1
"""A head turns by a few degrees in that time; neighbouring frames would all be one picture."""

FACES_MOST = 8
"""Largest faces of a frame that are followed: who the clip is of is among them."""

FRESH_S = 0.5
"""Of so many seconds the clearest look of each view is kept."""

LOST_LOOKS = 10
"""A second: whoever was not found for longer is recognised by the face, not by the place."""

PASSER_BY_LOOKS = 3
"""Faces seen in fewer looks are slips of the detector, or nobody the clip is of."""

SAME_FACE = 0.35
"""Similarity of looks within one clip from which they are one person's: the highest of strangers on LFW."""

NEAR_DOUBLE = 0.90
"""From here on two looks of one clip are as good as one."""

NEWS = 0.75
"""Once LOOKS_WANTED are taken, what is as alike as that to one of them tells nothing new: many looks alike would
pretend that the person looks so in every light, and ask for too much in another."""

DIFFERENT_SHARE = 0.25
"""Share of frontal looks unlike the others from which a clip shows somebody else, too."""

CLEAR_SHARE = 0.6
"""Looks less clear than this share of the clip's clear ones are blurred by a movement."""

WHOLE_SHARE = 0.9
"""Share of a face's box that must lie in the picture: hair or chin may be cut, no eye."""

LOOKS_WANTED, LOOKS_MOST = 5, 12
"""More would outweigh every photo."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One face of the clip, fit to enrol."""

    number: int
    """Of the frame, among those looked at."""
    crop: RgbImage
    """(112, 112, 3), upright."""
    quality: Quality
    view: View

    @property
    def clarity(self) -> float:
        """Quality without regard to the turn of the head: a side view is wanted, a blurred one is not."""
        return self.quality.score / max(1.0 - self.quality.turn**2, 0.1)


@dataclass(frozen=True, slots=True, eq=False)
class Picked:
    """A look with its embedding."""

    look: Look
    embedding: Embedding


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """What a clip has to give."""

    picked: tuple[Picked, ...]
    """The best look first, then what is least like the ones before."""
    looked: int
    """Frames looked at."""
    cut_short: bool
    """True when only the first MOST_SECONDS were looked at."""


@dataclass(slots=True, eq=False)
class _Stay:
    """A face followed from where it was found to where it was lost."""

    seen: dict[int, tuple[float, float]] = field(default_factory=dict)
    """Area and centre's x in pixels by number of the frame."""
    looks: dict[tuple[int, View], Look] = field(default_factory=dict)

    def add(self, number: int, frame: Frame, sighting: Sighting) -> None:
        """Take in one sighting."""
        self.seen[number] = (sighting.box.area, sighting.box.centre[0])
        if sighting.landmarks is None or not _whole(sighting.box, frame):
            return
        cut = crop(frame, sighting.landmarks)
        quality = measure(cut, sighting.landmarks)
        if fault(quality) is not None:
            return
        look = Look(number, cut, quality, view(sighting.landmarks, quality.turn))
        place = (int(number * LOOK_EVERY_S / FRESH_S), look.view)
        if place not in self.looks or self.looks[place].clarity < look.clarity:
            self.looks[place] = look


@dataclass(slots=True, eq=False)
class _Subject:
    """One person of the clip: stays that are never at one time, and alike."""

    seen: dict[int, tuple[float, float]]
    looks: list[Picked]

    @property
    def weight(self) -> float:
        """How large, how long."""
        return sum(area for area, _ in self.seen.values())

    @property
    def place(self) -> float:
        """Mean x."""
        return float(np.mean([x for _, x in self.seen.values()]))

    def is_with(self, other: _Subject) -> bool:
        """True when both are in one frame."""
        return not self.seen.keys().isdisjoint(other.seen)


def pick(path: Path, detector: Detector, embedder: Embedder, choice: int | None = None) -> Clip:
    """The looks worth keeping of the clip's main face, or the choice-th (from 1) from the left.

    Raises PhotoError when there is no such face or it is not plain whose clip it is, InputError for what is no video.
    """
    film = _Film(detector)
    film.watch(path)
    subjects = _subjects(film.stays.values(), embedder, film.looked)
    whose = _chosen(subjects, choice)
    looks = _of_one_person(whose.looks)
    return Clip(tuple(_diverse(looks)), film.looked, film.cut_short)


def view(landmarks: Landmarks, turn: float) -> View:
    """Which way a face with these landmarks, so far turned, looks in the picture."""
    if turn < SIDE_TURN:
        return "frontal"
    across = landmarks[1] - landmarks[0]
    middle = (landmarks[:2].mean(axis=0) + landmarks[3:].mean(axis=0)) / 2
    return "right" if float((landmarks[2] - middle) @ across) > 0 else "left"


class _Film:
    """Looks through a clip once and keeps what it saw of each face."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._tracker = Tracker(memory=1, coast=LOST_LOOKS)
        self._next_s = 0.0
        self.stays: dict[int, _Stay] = {}
        self.looked = 0
        self.cut_short = False

    def watch(self, path: Path) -> None:
        """From the beginning to the end, or for MOST_SECONDS."""
        cuts, new_shot, began_s = CutDetector(), False, None
        for count, frame in enumerate(_frames(path)):
            began_s = frame.captured_at if began_s is None else began_s
            seconds = frame.captured_at - began_s
            if seconds > MOST_SECONDS or count >= MOST_FRAMES:
                self.cut_short = True
                return
            new_shot |= cuts.is_cut(frame)
            if seconds >= self._next_s:
                self._look(frame, new_shot)
                new_shot = False
                self._next_s += LOOK_EVERY_S * (1 + (seconds - self._next_s) // LOOK_EVERY_S)

    def _look(self, frame: Frame, new_shot: bool) -> None:
        number, self.looked = self.looked, self.looked + 1
        faces = sorted(_found(frame, self._detector), key=lambda face: face.box.area, reverse=True)[:FACES_MOST]
        self._tracker.follow(number, faces, cut=new_shot, crossings=False)
        for track in self._tracker.tracks:
            if track.last.frame == number:
                self.stays.setdefault(track.id, _Stay()).add(number, frame, track.last)


def _frames(path: Path) -> Iterator[Frame]:
    """Of the clip, in order; raises InputError."""
    try:
        with VideoReader(path) as reader:
            for item in reader:
                if isinstance(item, Decoded):
                    yield item.frame
    except MofyError:
        raise
    except MemoryError:
        raise PhotoError("needs more memory than there is") from None
    except Exception as error:  # A decoder given hostile bytes raises whatever its author did not foresee.
        raise PhotoError(f"cannot be decoded ({type(error).__name__})") from None


def _found(frame: Frame, detector: Detector) -> list[Face]:
    """Faces in the frame's own pixels, found in a picture of the detector's size."""
    scale = min(detector.input_size[0] / frame.width, detector.input_size[1] / frame.height, 1.0)
    size = (_even(frame.width * scale), _even(frame.height * scale))
    try:
        faces = find(region_rgb(frame, Rect(0, 0, frame.width, frame.height), size), detector)
    except PhotoError:
        return []
    return [face.placed(frame.width / size[0], frame.height / size[1], 0, 0) for face in faces]


def _whole(box: Box, frame: Frame) -> bool:
    """True unless the edge of the picture cuts something off the face."""
    inside = Box(max(box.x0, 0), max(box.y0, 0), min(box.x1, frame.width), min(box.y1, frame.height))
    return inside.area >= WHOLE_SHARE * box.area


def _even(value: float) -> int:
    return max(round(value / 2) * 2, 2)


def _subjects(stays: Iterable[_Stay], embedder: Embedder, looked: int) -> list[_Subject]:
    """Who is in the clip, the largest and longest seen first; what was seen for a moment only is nobody."""
    least = min(PASSER_BY_LOOKS, looked)
    subjects: list[_Subject] = []
    for stay in sorted(stays, key=lambda stay: sum(area for area, _ in stay.seen.values()), reverse=True):
        looks = sorted(stay.looks.values(), key=lambda look: look.number)
        if len(stay.seen) < least or not looks:
            continue
        rows = embedded(embedder, [look.crop for look in looks])
        new = _Subject(dict(stay.seen), [Picked(look, row) for look, row in zip(looks, rows)])
        same = next((one for one in subjects if not one.is_with(new) and _alike(one, new)), None)
        if same is None:
            subjects.append(new)
        else:
            same.seen.update(new.seen)
            same.looks += new.looks
    return sorted(subjects, key=lambda one: one.weight, reverse=True)


def _alike(first: _Subject, second: _Subject) -> bool:
    means = [unit(np.mean([look.embedding for look in one.looks], axis=0)) for one in (first, second)]
    return float(means[0] @ means[1]) >= SAME_FACE


def _chosen(subjects: Sequence[_Subject], choice: int | None) -> _Subject:
    """The subject meant; raises PhotoError when that is not plain."""
    if not subjects:
        raise PhotoError("no face was found that is large, sharp and light enough", "none")
    main = subjects[0]
    rivals = [one for one in subjects[1:] if one.weight * CLEARLY_LARGER > main.weight]
    # Who has the picture to himself counts by time alone.
    long = [one for one in subjects[1:] if len(one.seen) * CLEARLY_LARGER > len(main.seen)]
    if any(not one.is_with(main) for one in (*rivals, *long)):
        raise PhotoError("shows different people one after the other; cut it so that it shows one person", "others")
    # The same count whether a choice is asked for or made.
    faces = sorted([main, *(one for one in subjects[1:] if one in rivals or one in long)], key=lambda one: one.place)
    count = "one face" if len(faces) == 1 else f"{len(faces)} faces"
    if choice is not None:
        if not 1 <= choice <= len(faces):
            raise PhotoError(f"shows {count}; there is no face {choice} from the left", "many")
        return faces[choice - 1]
    if rivals:
        raise PhotoError(
            f"shows {count} and none is clearly the largest; choose with --face 1 (leftmost) to "
            f"--face {len(faces)} (rightmost)",
            "many",
        )
    return main


def _of_one_person(looks: Sequence[Picked]) -> list[Picked]:
    """Those alike, beginning with the one most like the others; raises PhotoError if many frontal ones are not.

    A face that takes another one's place may be followed as if it were the same.
    """
    rows = np.stack([look.embedding for look in looks])
    members = np.zeros(len(looks), bool)
    members[int(np.argmax((rows @ rows.T).sum(axis=1)))] = True
    while True:
        similar = np.where(members, -1.0, rows @ unit(rows[members].mean(axis=0)))
        best = int(np.argmax(similar))
        if not similar[best] >= SAME_FACE:
            break
        members[best] = True
    frontal = np.array([look.look.view == "frontal" for look in looks])
    others = int((frontal & ~members).sum())
    if others >= 2 and others >= DIFFERENT_SHARE * int(frontal.sum()):
        raise PhotoError("shows different people; cut it so that it shows one person", "others")
    return [look for look, member in zip(looks, members) if member]


def _diverse(looks: Sequence[Picked]) -> list[Picked]:
    """At most LOOKS_MOST: the best, then again and again the clear one least like those taken, near doubles never."""
    clarity = np.array([look.look.clarity for look in looks])
    clear = clarity >= CLEAR_SHARE * np.quantile(clarity, 0.9)
    rows = np.stack([look.embedding for look in looks])
    taken = [int(np.argmax([look.look.quality.score for look in looks]))]
    while len(taken) < LOOKS_MOST:
        nearest = (rows @ rows[taken].T).max(axis=1)
        limit = NEAR_DOUBLE if len(taken) < LOOKS_WANTED else NEWS
        worth = np.where(clear & (nearest < limit), (1 - nearest) * clarity, 0.0)
        best = int(np.argmax(worth))
        if worth[best] <= 0:
            break
        taken.append(best)
    return [looks[i] for i in taken]

"""Looks through a clip once. Frames are never kept, only crops of those faces that are fit to enrol."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from appliance.core.alignment import crop
from appliance.core.cuts import CutDetector
from appliance.core.faces import Face
from appliance.core.frames import Frame, region_rgb
from appliance.core.geometry import Box, Rect
from appliance.core.quality import measure
from appliance.core.tracking import Tracker
from appliance.core.tracks import Sighting
from appliance.errors import MofyError, PhotoError
from appliance.faces import Detector
from appliance.files.video_reader import Decoded, VideoReader
from appliance.portraits import fault, find
from appliance.selfie.looks import Look, View, view

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

WHOLE_SHARE = 0.9
"""Share of a face's box that must lie in the picture: hair or chin may be cut, no eye."""


@dataclass(slots=True, eq=False)
class Stay:
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


class Film:
    """Looks through a clip once and keeps what it saw of each face."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._tracker = Tracker(memory=1, coast=LOST_LOOKS)
        self._next_s = 0.0
        self.stays: dict[int, Stay] = {}
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
                self.stays.setdefault(track.id, Stay()).add(number, frame, track.last)


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

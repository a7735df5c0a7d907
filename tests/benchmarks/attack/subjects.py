"""People with two pictures each: one that the attacker has, one that was covered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from appliance.core.faces import Face, Landmarks
from appliance.core.frames import Frame, from_rgb
from appliance.core.geometry import Box, Rect
from appliance.core.lookahead import Reach, boxes_at
from appliance.core.tracks import Sighting, Track
from appliance.enrolment import Models
from appliance.files import pictures
from tests.benchmarks.recognition.people import found, nearest_middle


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture with one face, and the box the product would cover."""

    frame: Frame
    face: Face
    cover: Box

    @property
    def rect(self) -> Rect:
        """The covered pixels, as anybody can see them."""
        return self.cover.pixels(self.frame.width, self.frame.height, self.frame.chroma_step)


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One person."""

    name: str
    had: Picture
    """What the attacker has a picture of."""
    covered: Picture
    """Another picture, which was covered."""


def subjects(folder: Path, models: Models, margin: float, min_face_px: float) -> list[Subject]:
    """Everybody with two pictures or more; the first two in which a face was found."""
    people = defaultdict(list)
    for path in sorted(folder.glob("*/*.jpg")):
        people[path.parent.name].append(path)
    taken = []
    for name, paths in people.items():
        if len(paths) < 2:
            continue
        seen = [picture for path in paths[:3] if (picture := _picture(path, models, margin, min_face_px)) is not None]
        if len(seen) >= 2:
            taken.append(Subject(name, seen[0], seen[1]))
    return taken


def usual_landmarks(pictures: Sequence[Picture]) -> Landmarks:
    """(5, 2) where landmarks lie on average, as shares of the covered rectangle: all that a mask lets one know."""
    shares = []
    for picture in pictures:
        rect = picture.rect
        corner, size = (rect.x0, rect.y0), (rect.x1 - rect.x0, rect.y1 - rect.y0)
        shares.append((np.asarray(picture.face.landmarks) - corner) / size)
    return np.mean(shares, axis=0, dtype=np.float32)


def _picture(path: Path, models: Models, margin: float, min_face_px: float) -> Picture | None:
    rgb = pictures.load(path).rgb
    frame = from_rgb(rgb)
    faces = found(frame, models, min_face_px)
    if not faces:
        return None
    face = nearest_middle(faces, rgb)
    track = Track(1, 0, (Sighting(0, face.box, face.score),))
    return Picture(frame, face, boxes_at(track, 0, Reach(0, margin))[1])

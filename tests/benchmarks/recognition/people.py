"""Labelled faces as the product sees them: photos to enrol, and looks at a face in a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from appliance import enrolment, portraits
from appliance.core.faces import Embedding, Face
from appliance.core.frames import Frame, RgbImage, from_rgb, uint8
from appliance.core.geometry import Box
from appliance.core.identity import STRICT, Levels, Person
from appliance.core.tracks import Sighting, Track
from appliance.enrolment import Models
from appliance.errors import PhotoError
from appliance.faces import Embedder
from appliance.files import pictures
from appliance.finding import ALL_TILES, TilingFinder
from appliance.recognition import Look, look
from appliance.recognition.second_opinion import Joined, SFace, Widener
from appliance.store.people import Template
from tests.benchmarks.remembered import RememberedEmbedder

PAD_PX = 40
"""Grey border around pictures that are nothing but a face: cameras see more."""


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A photo of one person and the look at the person's face in it; None when no face was found there."""

    path: Path
    look: Look | None


def photo(path: Path, models: Models, min_face_px: float, pad_px: int = 0) -> Photo:
    """The face nearest to the middle of the picture is the person."""
    rgb = pictures.load(path).rgb
    if pad_px:
        rgb = uint8(cv2.copyMakeBorder(rgb, *[pad_px] * 4, cv2.BORDER_CONSTANT, value=(128, 128, 128)))
    frame = from_rgb(rgb, full_chroma=True)
    faces = found(frame, models, min_face_px)
    if not faces:
        return Photo(path, None)
    return Photo(path, looked(frame, nearest_middle(faces, rgb)))


def found(frame: Frame, models: Models, min_face_px: float) -> list[Face]:
    """Faces of the frame that are large enough to be recognised."""
    faces = TilingFinder(models.detector, ALL_TILES, ALL_TILES).find(frame)
    return [face for face in faces if face.landmarks is not None and face.box.size >= min_face_px]


def looked(frame: Frame, face: Face) -> Look:
    """As the pipeline looks at a face."""
    sighting = Sighting(0, face.box, face.score, face.landmarks)
    return look(Track(0, 0, (sighting,)), sighting, frame)


def nearest_middle(faces: Sequence[Face], rgb: RgbImage) -> Face:
    """The face whose centre is nearest to the picture's."""
    middle = np.array([rgb.shape[1] / 2, rgb.shape[0] / 2])
    return min(faces, key=lambda face: float(np.hypot(*(face.box.centre - middle))))


def labelled(faces: Sequence[Face], box: Box) -> Face | None:
    """The face of a label whose box includes the hair: most overlap, its centre inside."""
    inside = [face for face in faces if _holds(box, face.box.centre) and face.box.iou(box) >= 0.2]
    return max(inside, key=lambda face: face.box.iou(box), default=None)


@dataclass(frozen=True, slots=True, eq=False)
class Witness:
    """Who enrols people, and who tells faces apart, at one of the product's levels of certainty."""

    models: Models
    embedder: Embedder
    levels: Levels = Levels()
    """Of videos."""
    widen: Widener | None = None
    """Makes what is enrolled comparable, where a second network has a say."""

    def embedding(self, template: Template) -> Embedding:
        """As the template is compared with faces."""
        if self.widen is None:
            return template.embedding
        return self.widen(template.embedding.tobytes().hex(), template.embedding, lambda: template.crop)


def witness(models: Models, *, strict: bool = False) -> Witness:
    """As the product has it; raises ModelError when strict and the second network is missing."""
    if not strict:
        return Witness(models, models.embedder)
    second = SFace()
    joined = RememberedEmbedder(Joined(models.embedder, second))
    return Witness(models, joined, STRICT, Widener(second))


def enrol(name: str, paths: Sequence[Path], witness: Witness) -> Person | None:
    """As `mofy people add` does it, one photo after the other; None when every photo is refused."""
    models = witness.models
    templates: list[Template] = []
    for path in paths:
        sitting = enrolment.look([path], models, templates, _choice(path, models))
        templates += sitting.templates
    if not templates:
        return None
    return Person(name, name, np.stack([witness.embedding(template) for template in templates]))


def without_doubles(photos: Sequence[Photo], models: Models) -> list[Photo]:
    """Those with a look, without the ones that are an earlier photo again: they would meet themselves."""
    kept: list[Photo] = []
    seen: list[np.ndarray] = []
    for one in photos:
        if one.look is None:
            continue
        embedding = models.embedder.embed(one.look.crop[None])[0]
        if all(float(other @ embedding) < enrolment.SAME_PHOTO for other in seen):
            kept.append(one)
            seen.append(embedding)
    return kept


def _choice(path: Path, models: Models) -> int | None:
    rgb = pictures.load(path).rgb
    try:
        faces = portraits.find(rgb, models.detector)
    except PhotoError:
        return None
    return faces.index(nearest_middle(faces, rgb)) + 1 if faces else None


def _holds(box: Box, point: tuple[float, float]) -> bool:
    return box.x0 <= point[0] <= box.x1 and box.y0 <= point[1] <= box.y1

"""Whoever tries: networks that were made to tell faces apart, and a meter of the mean colour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.auditing.recogniser import Recogniser
from appliance.core.alignment import crop
from appliance.core.faces import Landmarks
from appliance.core.frames import Frame, Plane, RgbImage
from appliance.core.geometry import Rect
from appliance.core.identity import unit
from appliance.faces import Embedder
from tests.benchmarks.attack.subjects import Picture

Vector = NDArray[np.float32]

AROUND_PX = 8
"""How far around a cover the picture's own colour is measured."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an attacker has: a picture, where in it the face was covered, and landmarks, guessed where it was."""

    frame: Frame
    rect: Rect
    landmarks: Landmarks


Attacker = Callable[[Evidence], Vector]
"""What it makes of a picture; pictures of one person should lie near each other."""


def clear(picture: Picture) -> Evidence:
    """A picture that nobody covered."""
    assert picture.face.landmarks is not None
    return Evidence(picture.frame, picture.rect, picture.face.landmarks)


def hidden(picture: Picture, frame: Frame, usual: Landmarks) -> Evidence:
    """The picture as it left the box: landmarks can only be where they usually are."""
    rect = picture.rect
    size = np.array([rect.x1 - rect.x0, rect.y1 - rect.y0], np.float32)
    return Evidence(frame, rect, usual * size + np.array([rect.x0, rect.y0], np.float32))


def mobilefacenet(embedder: Embedder) -> Attacker:
    """The product's own network, with the mirrored face beside."""

    def embed(rgb: RgbImage) -> Vector:
        return unit(embedder.embed(np.stack([rgb, rgb[:, ::-1]])).mean(axis=0))

    return lambda evidence: embed(crop(evidence.frame, evidence.landmarks))


def sface(recogniser: Recogniser) -> Attacker:
    """A larger network by others."""
    return lambda evidence: recogniser.embed(crop(evidence.frame, evidence.landmarks))


def colour(evidence: Evidence) -> Vector:
    """Mean y, u, v of the covered place."""
    means = [cv2.mean(plane[at.y0 : at.y1, at.x0 : at.x1])[0] for plane, at in _planes(evidence)]
    return np.array(means, np.float32)


def around(evidence: Evidence) -> Vector:
    """Mean y, u, v of the pixels just outside the covered place, which no mask touches."""
    means = []
    for plane, at in _planes(evidence):
        outside = np.zeros(plane.shape, np.uint8)
        beside = AROUND_PX * plane.shape[1] // evidence.frame.width
        outside[max(at.y0 - beside, 0) : at.y1 + beside, max(at.x0 - beside, 0) : at.x1 + beside] = 1
        outside[at.y0 : at.y1, at.x0 : at.x1] = 0
        means.append(cv2.mean(plane, outside)[0])
    return np.array(means, np.float32)


def shape(evidence: Evidence) -> Vector:
    """How much wider than high the cover is."""
    rect = evidence.rect
    return np.array([np.log((rect.x1 - rect.x0) / (rect.y1 - rect.y0))], np.float32)


def size(evidence: Evidence) -> Vector:
    """How large the cover is; in these pictures all heads were brought to one scale, which no camera does."""
    rect = evidence.rect
    return np.array([np.log((rect.x1 - rect.x0) * (rect.y1 - rect.y0))], np.float32)


def _planes(evidence: Evidence) -> list[tuple[Plane, Rect]]:
    """Each plane and the covered place in it."""
    frame, rect, step = evidence.frame, evidence.rect, evidence.frame.chroma_step
    half = Rect(rect.x0 // step, rect.y0 // step, -(-rect.x1 // step), -(-rect.y1 // step))
    return [(frame.y, rect), (frame.u, half), (frame.v, half)]


def nearness(probes: Sequence[Vector], gallery: Sequence[Vector]) -> NDArray[np.float64]:
    """(probes, gallery) negative distances."""
    a, b = np.stack(probes).astype(np.float64), np.stack(gallery).astype(np.float64)
    return -np.sqrt(np.maximum((a * a).sum(1)[:, None] + (b * b).sum(1)[None] - 2 * a @ b.T, 0))

"""Which detections are one and the same face, and which of them is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from appliance.core.faces import Face
from appliance.core.geometry import corners_of

SAME_FACE = 0.45
"""Two detections that share this much of the smaller one are one face."""

DOUBLE_SCORE = 0.17
"""What a detection is worth whose middle lies in a surer face: mostly it is that very face at another scale. Real faces
in front of others are found again and again, and five such detections are taken for a face."""


def doubted(found: Sequence[Face]) -> list[Face]:
    """The faces, those worth less whose middle lies in a surer one."""
    if len(found) < 2:
        return list(found)
    x0, y0, x1, y1 = corners_of([face.box for face in found]).T
    x, y = ((x0 + x1) / 2)[:, None], ((y0 + y1) / 2)[:, None]
    scores = np.array([face.score for face in found])
    within = (x0 < x) & (x < x1) & (y0 < y) & (y < y1)
    double = (within & (scores > scores[:, None])).any(axis=1).tolist()
    return [
        replace(face, score=min(face.score, DOUBLE_SCORE)) if worth_less else face
        for face, worth_less in zip(found, double)
    ]


def merged(first: Sequence[Face], more: Sequence[Face]) -> list[Face]:
    """Both lists with each face once: of two that are one face, the surer."""
    if not first or not more:
        return [*first, *more]
    alike = same(first, more)
    beaten: set[int] = set()
    added: list[Face] = []
    for column, face in enumerate(more):
        rivals = np.flatnonzero(alike[:, column]).tolist()
        if all(face.score > first[rival].score for rival in rivals):
            beaten.update(rivals)
            added.append(_also_seen(face, [first[rival] for rival in rivals]))
    return [face for row, face in enumerate(first) if row not in beaten] + added


def _also_seen(face: Face, beaten: Sequence[Face]) -> Face:
    """The face, knowing where the shrunken picture shows what it beat."""
    shrunken = [other.shrunken for other in beaten if other.shrunken is not None]
    return replace(face, shrunken=max(shrunken, key=face.box.overlap)) if shrunken else face


def fresh(faces: Sequence[Face], found: Sequence[Face]) -> list[Face]:
    """Those of the faces that are none of the found ones, or surer of being one."""
    if not faces or not found:
        return list(faces)
    surer = np.array([face.score for face in found])[:, None] >= [face.score for face in faces]
    known = np.asarray((same(found, faces) & surer).any(axis=0))
    return [face for face, is_known in zip(faces, known.tolist()) if not is_known]


def same(first: Sequence[Face], more: Sequence[Face]) -> NDArray[np.bool_]:
    """(first, more): True where the two share SAME_FACE of the smaller one."""
    a, b = (corners_of([face.box for face in faces]) for faces in (first, more))
    shared = np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2])
    both = np.clip(shared, 0, None).prod(axis=2)
    areas_a, areas_b = ((boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (a, b))
    return np.asarray(both > SAME_FACE * np.minimum(areas_a[:, None], areas_b[None, :]))

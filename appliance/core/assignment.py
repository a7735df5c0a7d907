"""Which face of a frame is which track's: nearest to its foretold place, gated by velocity and size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from lap import lapjvx
from numpy.typing import NDArray

from appliance.core.doubts import JUMP
from appliance.core.faces import Face
from appliance.core.geometry import Box
from appliance.core.places import Floats, distances, foretold, places, unseen
from appliance.core.tracks import Track

REACH = 0.9
"""How far (in face sizes) from its foretold place a face may be found and still be the same track."""

REACH_PER_FRAME = 0.08
"""How much wider that gate grows for each frame the track was not seen."""

UNSTEADY_PER_FRAME = 0.15
"""The same while the velocity is not known."""

REACH_MAX = 1.8
"""The gate's widest, in face sizes."""

SIZE_RATIO = 1.8
"""Largest ratio of sizes between two sightings of one track."""


@dataclass(frozen=True, slots=True, eq=False)
class Apart:
    """How far each track of a frame is from each face of it: (tracks, faces) each."""

    cost: Floats
    """In face sizes, and the size's change; infinite beyond SIZE_RATIO."""
    allowed: NDArray[np.bool_]
    """Whether that is inside the gates."""
    leap: NDArray[np.bool_]
    """Whether the face is so far from the track's foretold place that it may be somebody else."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A track that is seen again."""

    track: int
    """Row of the track."""
    face: int
    """Column of the face."""
    leaps: bool
    """True where it is so far from the foretold place that it may be somebody else."""


def assigned(tracks: Sequence[Track], faces: Sequence[Face], frame: int) -> list[Pair]:
    """Each track with the face that is it in this frame, if there is one; by rows."""
    apart = compared(tracks, faces, frame)
    pairs = match(apart)
    _prefer_surer_twins(pairs, faces)
    return [Pair(row, column, bool(apart.leap[row, column])) for row, column in pairs.items()]


def compared(tracks: Sequence[Track], faces: Sequence[Face], frame: int) -> Apart:
    """How far these tracks are from these faces."""
    here, there = foretold(tracks, frame), places([face.box for face in faces])
    pixels = distances(here, there)
    ratio = np.abs(np.log(there.sizes / here.sizes[:, None]))
    scale = np.sqrt(there.sizes * here.sizes[:, None])
    cost = np.where(ratio <= math.log(SIZE_RATIO), pixels / scale + 0.5 * ratio, np.inf)
    widened = [REACH_PER_FRAME if track.steady else UNSTEADY_PER_FRAME for track in tracks]
    per_frame = np.fromiter(widened, np.float64)
    gate = np.minimum(REACH + per_frame * (unseen(tracks, frame) - 1), REACH_MAX)
    return Apart(cost, cost <= gate[:, None], pixels > JUMP * here.sizes[:, None])


def match(apart: Apart) -> dict[int, int]:
    """Best one-to-one pairs {track row: face column} inside the gates (Jonker and Volgenant's assignment)."""
    # Who is near nobody, as most are who are out of sight, takes no part.
    near, found = np.flatnonzero(apart.allowed.any(axis=1)), np.flatnonzero(apart.allowed.any(axis=0))
    if len(near) == 0:
        return {}
    pick = (near[:, None], found)
    allowed = apart.allowed[pick]
    rows, columns = lapjvx(np.where(allowed, apart.cost[pick], 1e3), extend_cost=True, return_cost=False)
    inside = allowed[rows, columns]
    return dict(sorted(zip(near[rows[inside]].tolist(), found[columns[inside]].tolist())))


def _prefer_surer_twins(pairs: dict[int, int], faces: Sequence[Face]) -> None:
    """Of two detections of one face the surer goes to the track that is there; alone it would begin a doubtful one."""
    free = sorted({*range(len(faces))}.difference(pairs.values()))
    if not free:
        return
    for row, column in list(pairs.items()):
        for rival in free:
            if faces[rival].score > faces[column].score and _holds(faces[rival].box, faces[column].box.centre):
                pairs[row] = rival
                free.remove(rival)
                break


def _holds(box: Box, point: tuple[float, float]) -> bool:
    return box.x0 < point[0] < box.x1 and box.y0 < point[1] < box.y1

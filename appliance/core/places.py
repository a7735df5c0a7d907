"""Where many faces are, in rows: their centres and sizes, and how far one is from another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from appliance.core.geometry import Box, corners_of
from appliance.core.tracks import Track

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where faces are in a frame."""

    centres: Floats
    """(n, 2) pixels."""
    sizes: Floats
    """(n,) pixels, 1 at least."""


def places(boxes: Iterable[Box]) -> Places:
    """Where these boxes are."""
    corners = corners_of(boxes)
    return Places(_centres(corners), _sizes(corners))


def foretold(tracks: Sequence[Track], frame: int) -> Places:
    """As Track.foretold, many at once."""
    corners = corners_of([track.sightings[-1].box for track in tracks])
    velocities = np.fromiter(chain.from_iterable([track.velocity for track in tracks]), np.float64).reshape(-1, 2)
    gone = velocities * unseen(tracks, frame)[:, None]
    moved = corners + np.concatenate([gone, gone], axis=1)
    return Places(_centres(moved), _sizes(corners))


def unseen(tracks: Sequence[Track], frame: int) -> Floats:
    """(tracks,) frames since the last sighting."""
    return frame - np.fromiter([track.sightings[-1].frame for track in tracks], np.float64)


def distances(here: Places, there: Places) -> Floats:
    """(n, m) pixels between the centres."""
    a, b = here.centres, there.centres
    return np.asarray(np.hypot(a[:, None, 0] - b[:, 0], a[:, None, 1] - b[:, 1]))


def _centres(corners: Floats) -> Floats:
    return np.asarray((corners[:, :2] + corners[:, 2:]) / 2)


def _sizes(corners: Floats) -> Floats:
    """As Box.size, but 1 at least."""
    sides = np.maximum(corners[:, 2:] - corners[:, :2], 0.0)
    return np.asarray(np.maximum(np.sqrt(sides[:, 0] * sides[:, 1]), 1.0))

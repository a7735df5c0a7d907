"""The strangers in view, in memory only: how alike do people here look to somebody enrolled, without being him?

One threshold for all either shows look-alikes or never shows anybody (cohort normalisation, as in speaker
verification, works only with a cohort like the people in front of the camera: these are).
"""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from appliance.core.faces import Embedding
from appliance.core.identity import Gallery, unit

MOST = 64
"""Strangers remembered at once."""

FORGET_FRAMES = 3600
"""Two minutes at 30 Hz: then a stranger's embedding is gone."""

LEAST = 2
"""Others (strangers or enrolled) from which anything can be said of how alike people here are."""

DEVIATIONS = 3.5
"""How many standard deviations above the others somebody must stand out."""

LEAST_DEVIATION = 0.10
"""A few strangers alike by chance must not pretend to know more than they do."""


class Cohort:
    """Average embeddings of the tracks that were nobody enrolled."""

    def __init__(self) -> None:
        self._sums: OrderedDict[int, tuple[Embedding, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sums)

    def saw(self, track: int, look: Embedding, frame: int) -> None:
        """A look (unit length, weighted by its quality) at a track that was nobody's."""
        before = self._sums.pop(track, None)
        self._sums[track] = (look if before is None else before[0] + look, frame)
        if len(self._sums) > MOST:
            self._sums.popitem(last=False)

    def is_known(self, track: int) -> None:
        """The track turned out to be somebody enrolled: he is no stranger."""
        self._sums.pop(track, None)

    def forget(self, frame: int) -> None:
        """Drop whoever was last seen too long before this frame."""
        while self._sums and next(iter(self._sums.values()))[1] < frame - FORGET_FRAMES:
            self._sums.popitem(last=False)

    def stands_out(self, people: Gallery) -> NDArray[np.float64] | None:
        """(p,) similarity from which a face stands out from the others as that person; None while too few are known."""
        known = len(people.people)
        if len(self._sums) + known - 1 < LEAST or not known:
            return None
        strangers = [unit(total) for total, _ in self._sums.values()]
        others = np.vstack([people.centres, *strangers]) if strangers else people.centres
        similarities = people.centres @ others.T
        oneself = np.zeros(similarities.shape, bool)
        np.fill_diagonal(oneself, True)
        alike = np.where(oneself, np.nan, similarities)
        deviation = np.maximum(np.nanstd(alike, axis=1), LEAST_DEVIATION)
        return np.asarray(np.nanmean(alike, axis=1) + DEVIATIONS * deviation, np.float64)

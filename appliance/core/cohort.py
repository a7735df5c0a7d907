"""The strangers in view, in memory only: how alike do people here look to somebody enrolled, without being him?

One threshold for all either shows look-alikes or never shows anybody (cohort normalisation, as in speaker
verification, works only with a cohort like the people in front of the camera: these are).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

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

DEVIATIONS = 3.1
"""How many standard deviations above the others somebody must stand out: of a normal distribution one in a thousand
does."""

USUAL, USUAL_DEVIATION = 0.15, 0.11
"""How alike others are, before any are known."""

USUAL_WORTH, DEVIATION_WORTH = 1.0, 4.0
"""How many others that is worth: a few strangers alike by chance must not pretend to know more than they do."""


@dataclass(frozen=True, slots=True, eq=False)
class Other:
    """One face that was looked at: the sum of its looks, when last, and whether it may be somebody enrolled."""

    total: Embedding
    frame: int
    claims: bool


class Cohort:
    """Average embeddings of the tracks that are not proven to be anybody enrolled."""

    def __init__(self) -> None:
        self._others: OrderedDict[int, Other] = OrderedDict()

    def __len__(self) -> int:
        return len(self._others)

    def saw(self, track: int, look: Embedding, frame: int, *, claims: bool = False) -> None:
        """A look (unit length) at a track that is nobody's, or claims to be somebody's and is not proven."""
        before = self._others.pop(track, None)
        self._others[track] = Other(look if before is None else before.total + look, frame, claims)
        if len(self._others) > MOST:
            self._others.popitem(last=False)

    def drop(self, track: int) -> None:
        """The track turned out to be somebody enrolled: he is no stranger."""
        self._others.pop(track, None)

    def forget(self, frame: int) -> None:
        """Drop whoever was last seen too long before this frame."""
        while self._others and next(iter(self._others.values())).frame < frame - FORGET_FRAMES:
            self._others.popitem(last=False)

    def stands_out(self, people: Gallery, track: int = -1, since: int = 0) -> NDArray[np.float64] | None:
        """(p,) similarity from which this track, looked at since a frame, stands out from the others as that person.

        None while too few are known. Who claims to be somebody counts if he was there at the same time: then he is
        somebody else than this one.
        """
        known = len(people.people)
        strangers = [
            unit(other.total)
            for number, other in self._others.items()
            if number != track and (not other.claims or other.frame >= since)
        ]
        if len(strangers) + known - 1 < LEAST or not known:
            return None
        others = np.vstack([people.centres, *strangers]) if strangers else people.centres
        similarities = people.centres @ others.T
        oneself = np.zeros(similarities.shape, bool)
        np.fill_diagonal(oneself, True)
        alike = np.where(oneself, np.nan, similarities)
        count = similarities.shape[1] - 1
        mean = (np.nansum(alike, axis=1) + USUAL * USUAL_WORTH) / (count + USUAL_WORTH)
        square = np.nansum((alike - np.nanmean(alike, axis=1, keepdims=True)) ** 2, axis=1)
        deviation = np.sqrt((square + DEVIATION_WORTH * USUAL_DEVIATION**2) / (count - 1 + DEVIATION_WORTH))
        return np.asarray(mean + DEVIATIONS * deviation, np.float64)

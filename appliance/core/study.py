"""Learning a face from its own track: looks are gathered while nothing casts doubt on their being of one face."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from appliance.core.faces import Embedding
from appliance.core.identity import unit

GOOD = 0.15
"""Quality from which a look is worth being remembered for an hour."""

CONTRADICTS = 0.45
"""A look of a lower quality that is unlike the others says nothing: a turned or blurred face is like nobody."""

ENOUGH = 8
"""Good looks that make somebody known."""

LEAST = 4
"""Good looks that must do when no more could be had."""

FRAMES_LEAST, FRAMES_MOST = 20, 150
"""How long is looked, in frames: neighbours are much the same picture, and nobody waits for ever."""

CONTINUITY = 0.40
"""Similarity of a look to the average of those before: who takes a place is seldom that like the one before."""

TEMPLATES = 5
"""Different looks that are kept beside their average."""


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """The looks at one track so far: (n, d) unit rows, each with its quality 0..1."""

    began: int
    """Index of the frame in which it began."""
    looks: tuple[Embedding, ...] = ()
    qualities: tuple[float, ...] = ()

    @property
    def average(self) -> Embedding:
        """Of the looks by their quality, unit length; there must be one."""
        return unit(np.average(np.stack(self.looks), axis=0, weights=self.qualities))

    def contradicted(self, look: Embedding, quality: float) -> bool:
        """True when the look (unit length) shows that the face is another one, or is no number."""
        return not np.isfinite(look).all() or (quality >= CONTRADICTS and not self._like(look))

    def added(self, look: Embedding, quality: float) -> Study:
        """With one more look, if it is good enough and like those before."""
        if quality < GOOD or not self._like(look):
            return self
        return replace(self, looks=(*self.looks, look), qualities=(*self.qualities, quality))

    def _like(self, look: Embedding) -> bool:
        return not self.looks or float(self.average @ look) >= CONTINUITY

    def is_done(self, frame: int) -> bool:
        """True when enough was seen, or when more is not waited for."""
        looked = frame - self.began
        return looked >= FRAMES_MOST or (looked >= FRAMES_LEAST and len(self.looks) >= ENOUGH)

    @property
    def suffices(self) -> bool:
        """True when somebody can be known by these looks."""
        return len(self.looks) >= LEAST

    def templates(self) -> NDArray[np.float32]:
        """(n, d) unit rows: the average, the best look, and those most unlike what is chosen already."""
        looks = np.stack(self.looks)
        chosen = [int(np.argmax(self.qualities))]
        while len(chosen) < min(TEMPLATES, len(looks)):
            nearest = (looks @ looks[chosen].T).max(axis=1)
            nearest[chosen] = np.inf
            chosen.append(int(np.argmin(nearest)))
        return np.vstack([self.average[None], looks[chosen]]).astype(np.float32)

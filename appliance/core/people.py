"""The enrolled: their looks, how alike these are, and what may be expected of the next one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from appliance.core.faces import Embedding

PRIOR_SPREAD = 0.50
"""Similarity expected between two photos of one person, before his own photos say otherwise."""

PRIOR_WEIGHT = 3.0
"""How many pairs of photos that expectation is worth."""

SPREAD_RANGE = (0.45, 0.75)
"""Bounds of a person's spread: near-identical photos must not ask for the impossible, wild ones not for nothing."""

FRAME_WORTH = 0.25
"""What each further frame of a run is worth beside the first: neighbours are much the same picture."""

RUN_WORTH = 2.0
"""Independent pictures that a run's average is worth at most: one shot is one light, one hair, one mood."""

CLEAR_AT = 0.21
"""Quality at which a look keeps 1 - 1/e of its similarity. Measured on 283 photos of LFW made small, unsharp, dark and
coarse in 12 ways each: of quality 0.15, 0.25, 0.35, 0.45, 0.65, 0.9 they kept 0.59, 0.71, 0.79, 0.86, 0.93, 0.98 of
their similarity to the person's others, and to their own originals a little less: it is lost to all alike."""


def clarity(quality: float) -> float:
    """Share of its similarity, to whomever, that a look of this quality keeps."""
    return 1.0 - math.exp(-max(quality, 0.0) / CLEAR_AT)


@dataclass(frozen=True, slots=True)
class Person:
    """An enrolled person as the gallery takes it: templates (n, d) unit rows; expires_at in epoch seconds or None."""

    id: str
    name: str
    templates: NDArray[np.float32]
    expires_at: float | None = None
    rejected: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 1), np.float32))
    """(k, d) unit rows of others who were taken for this person and are not."""

    def mistaken(self, embedding: Embedding, similarity: float) -> bool:
        """True when a look, of this similarity to the person's centre, is nearer to somebody who was rejected."""
        # Asked this way round, what is no number is taken for a mistake.
        return bool(len(self.rejected)) and not float(np.max(self.rejected @ embedding)) < similarity


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """Everybody who may be shown; immutable. Centres are (p, d) unit rows, one a person."""

    people: tuple[Person, ...]
    centres: NDArray[np.float32]
    spreads: tuple[float, ...]

    def has(self, person: str, now: float) -> bool:
        """True when the person is enrolled and not expired at epoch second `now`."""
        return any(p.id == person and (p.expires_at is None or p.expires_at > now) for p in self.people)

    def unchanged(self, other: Gallery) -> frozenset[str]:
        """Ids of those whom both galleries know by the very same looks; names and expiry may differ."""
        theirs = {person.id: person for person in other.people}
        return frozenset(
            p.id
            for p in self.people
            if p.id in theirs
            and np.array_equal(p.templates, theirs[p.id].templates)
            and np.array_equal(p.rejected, theirs[p.id].rejected)
        )

    def name(self, person: str) -> str:
        """The person's name; raises KeyError for a stranger."""
        for known in self.people:
            if known.id == person:
                return known.name
        raise KeyError(person)

    def expected(self, row: int, looks: int, clear: float = 1.0) -> float:
        """Similarity foretold between the person's centre and a run's average of so many looks of this clarity.

        sqrt(p / (p + (1-p)/n) * s / (s + (1-s)/m)) with p the similarity of two good pictures, s = p clear^2 that of
        two such looks, n templates, m pictures.
        """
        p, n = self.spreads[row], len(self.people[row].templates)
        s = p * max(clear, 0.05) ** 2
        m = min(1 + FRAME_WORTH * (looks - 1), RUN_WORTH)
        return math.sqrt(p / (p + (1 - p) / n) * s / (s + (1 - s) / m))


def gallery(people: Sequence[Person]) -> Gallery:
    """A gallery of these people; people without templates are left out."""
    known = tuple(person for person in people if len(person.templates))
    if not known:
        return NOBODY
    centres = np.stack([unit(person.templates.mean(axis=0)) for person in known])
    return Gallery(known, centres, tuple(spread(person.templates) for person in known))


def spread(templates: NDArray[np.float32]) -> float:
    """How alike two pictures of this person are expected to be, from all pairs of templates and the prior."""
    n = len(templates)
    pairs = n * (n - 1) / 2
    mean = (float((templates @ templates.T).sum()) - n) / (2 * pairs) if pairs else 0.0
    blended = (mean * pairs + PRIOR_SPREAD * PRIOR_WEIGHT) / (pairs + PRIOR_WEIGHT)
    return min(max(blended, SPREAD_RANGE[0]), SPREAD_RANGE[1])


def unit(vector: NDArray[np.float32]) -> Embedding:
    """The vector at length 1; a zero vector stays zero and is like nobody."""
    length = float(np.linalg.norm(vector))
    return vector.astype(np.float32) / np.float32(length) if length > 0 else vector.astype(np.float32)


NOBODY = Gallery((), np.zeros((0, 1), np.float32), ())
"""The empty gallery: everyone is covered."""

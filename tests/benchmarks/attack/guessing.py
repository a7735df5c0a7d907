"""How often the right one of all people is guessed, ties shared out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.rates import Rate, rate

SAME = 1e-5
"""Scores this near are a tie."""

TENTH = 0.1


@dataclass(frozen=True, slots=True)
class Guesses:
    """The outcome of one attack. Who knows nothing is right once in `people`; his first tenth holds one in ten."""

    people: int
    first: Rate
    tenth: Rate

    @property
    def chance(self) -> float:
        """Share of right first guesses of who knows nothing."""
        return 1 / self.people

    @property
    def tells(self) -> bool:
        """True when the attack does better than chance, beyond the error of the test."""
        return self.first.low > self.chance or self.tenth.low > TENTH


def guesses(scores: NDArray[np.float64]) -> Guesses:
    """scores: (people, people), probe by gallery; the right answer lies on the diagonal."""
    people = len(scores)
    own = np.diag(scores)[:, None]
    better = (scores > own + SAME).sum(axis=1)
    tied = (np.abs(scores - own) <= SAME).sum(axis=1)
    first, tenth = (_within(better, tied, places) for places in (1, TENTH * people))
    return Guesses(people, rate(first, people), rate(tenth, people))


def _within(better: NDArray[np.int_], tied: NDArray[np.int_], places: float) -> float:
    """Expected count of right ones in the first so many places when ties are drawn by lot."""
    return float(np.clip((places - better) / tied, 0, 1).sum())

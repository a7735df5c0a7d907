"""Shares of trials with the error of the test, and operating points of a score."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Z = 1.959964
"""Standard deviations that hold 95 % of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Hits of trials, and the bounds that hold the true share in 95 of 100 such tests."""

    hits: float
    trials: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """0..1; NaN without trials."""
        return self.hits / self.trials if self.trials else math.nan

    def holds(self, share: float) -> bool:
        """True when that share may be the true one."""
        return self.low <= share <= self.high


def rate(hits: float, trials: int) -> Rate:
    """The rate of independent trials."""
    return Rate(hits, trials, *wilson(hits, trials))


def grouped(groups: Mapping[object, Sequence[bool]]) -> Rate:
    """The rate of trials that are alike within groups: bounds are widened by what the groups differ more than dice do.

    Where all trials end alike that cannot be told, and the bounds are those of independent trials.
    """
    sizes = np.array([len(group) for group in groups.values()], float)
    hits = np.array([sum(group) for group in groups.values()], float)
    trials, share = float(sizes.sum()), float(hits.sum() / max(sizes.sum(), 1))
    dice = share * (1 - share) / max(trials, 1)
    count = len(sizes)
    between = float(((hits - share * sizes) ** 2).sum()) / max(trials, 1) ** 2 * count / max(count - 1, 1)
    worth = trials * min(dice / between, 1.0) if between > 0 else trials
    return Rate(float(hits.sum()), int(trials), *wilson(share * worth, worth))


def wilson(hits: float, trials: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    if trials <= 0:
        return 0.0, 1.0
    share, square = hits / trials, Z * Z
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = Z / (1 + square / trials) * math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def operating_point(
    same: NDArray[np.float64], different: NDArray[np.float64], false_accepts: float
) -> tuple[float, float] | None:
    """(share of `same` at or above the threshold, threshold) where at most that share of `different` is; None when
    there are too few of `different` to tell."""
    if len(different) * false_accepts < 1 or not len(same):
        return None
    allowed = int(len(different) * false_accepts)
    threshold = float(np.nextafter(np.sort(different)[::-1][allowed], np.inf)) if allowed < len(different) else -1.0
    return float((same >= threshold).mean()), threshold


def percent(value: Rate, digits: int = 1) -> str:
    """The share and its bounds as a cell of a table."""
    if not value.trials:
        return "-"
    return f"{100 * value.share:.{digits}f} ({100 * value.low:.{digits}f} to {100 * value.high:.{digits}f})"

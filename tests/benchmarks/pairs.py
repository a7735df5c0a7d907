"""The same trials under two conditions: how much more often the second succeeds, with the bounds of the test."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.rates import Z

ALLOWED = 0.005
"""What int8 may cost of any figure."""

IN_WORDS = """{name}: in points beside float (less is worse for {good}), the same trials paired, with the bounds that
hold the true difference in 95 of 100 such tests (Agresti and Min 2005, widened where trials of one group err together).
Within: it costs at most {allowed:g} points. Beyond: it costs more. Unresolved: the set is too small to tell.
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """Second less first, as a share of the pairs, and the bounds that hold the true one in 95 of 100 such tests."""

    share: float
    low: float
    high: float
    pairs: int


def paired(groups: Mapping[object, Sequence[tuple[bool, bool]]]) -> Difference:
    """Of pairs (first, second) that err together within groups: the bounds are widened as `rates.grouped` does."""
    sizes = np.array([len(group) for group in groups.values()], float)
    rises = np.array([sum(second > first for first, second in group) for group in groups.values()], float)
    falls = np.array([sum(second < first for first, second in group) for group in groups.values()], float)
    count, up, down = float(sizes.sum()), float(rises.sum()), float(falls.sum())
    if not count:
        return Difference(math.nan, -1.0, 1.0, 0)
    # Half a trial more in each of the four cells, so that no set of pairs that agree claims to know it all.
    middle = (up - down) / (count + 2)
    variance = (up + down + 1 - (up - down) ** 2 / (count + 2)) / (count + 2) ** 2
    half = Z * math.sqrt(variance * _wider(rises - falls, sizes, up + down))
    return Difference((up - down) / count, max(middle - half, -1.0), min(middle + half, 1.0), int(count))


def _wider(changes: np.ndarray, sizes: np.ndarray, discordant: float) -> float:
    """How much more groups differ than dice would make them, 1 at least."""
    if not discordant or len(sizes) < 2:
        return 1.0
    total = float(sizes.sum())
    share = float(changes.sum()) / total
    dice = (discordant - total * share**2) / total**2
    between = float(((changes - share * sizes) ** 2).sum()) / total**2 * len(sizes) / (len(sizes) - 1)
    return max(between / dice, 1.0) if dice > 0 else 1.0


def told(value: Difference, *, more_is_better: bool = True) -> str:
    """The difference in points, its bounds, and whether it costs no more than ALLOWED, as a cell of a table."""
    if not value.pairs:
        return "-"
    worst, best = (-value.low, -value.high) if more_is_better else (value.high, value.low)
    verdict = "within" if worst <= ALLOWED else "beyond" if best > ALLOWED else "unresolved"
    return f"{100 * value.share:+.2f} ({100 * value.low:+.2f} to {100 * value.high:+.2f}) {verdict}"

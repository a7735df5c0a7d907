"""Styles of covering: each file has `build(options) -> core.veiling.Mask` and says in STRENGTH what it withstands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STRENGTHS = range(1, 6)
"""1 keeps the most detail a style may keep, 5 the least."""


@dataclass(frozen=True, slots=True, eq=False)
class MaskOptions:
    """What a user may choose of a style."""

    strength: int = 3
    colour: tuple[int, int, int] = (96, 96, 96)
    """RGB of `solid`."""
    picture: NDArray[np.uint8] | None = None
    """(h, w, 4) RGBA of `image`; None draws a plain face shape."""


def cells(strength: int, weakest: int, strongest: int) -> int:
    """Cells across the short side for a strength of 1 (weakest) to 5 (strongest)."""
    share = (min(max(strength, 1), 5) - 1) / 4
    return round(weakest + (strongest - weakest) * share)

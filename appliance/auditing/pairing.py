"""Are two recordings one and the same but for what is covered? Faces can only be compared where they are."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.core.frames import Plane

Floats = NDArray[np.float32]

SIZE = (128, 72)
"""Columns and rows of the picture two frames are compared in."""

CELL_PX = 8
BAND = (0.8, 2.5)
"""The band's two Gaussian radii: what is coarser may be alike in any two pictures, what is finer is noise."""

TEXTURE = 2.0
"""Deviation of the band from which a cell has something to compare."""

LEAST_CELLS = 12
"""Textured cells below which a frame tells nothing."""

ALIKE = 0.6
"""Correlation from which a cell shows the same; of other pictures one in fifty does by chance."""

SAME_SHARE = 0.25
"""Share of such cells from which two frames are the same picture; the rest may be covered. Three clips with everybody
covered have 0.58 to 0.81, mirrored 0.18 at most."""

SAME_FRAMES = 0.25
"""Share of the frames that must be: a recording may show a slate for most of its time."""

MOTION = (32, 18)
"""Columns and rows of the picture that motion is compared in."""

LEAST_FRAMES = 12
"""Recordings shorter than this have too little motion to compare."""

MOST_LATE = 60
"""Frames by which one recording is looked for later or earlier in the other."""

LATE_BY = 0.1
"""How much better their motion must go together when one is shifted than when it is not."""

TOGETHER = 0.08
"""Correlation of the motion below which the two have nothing to do with each other: seven clips with everybody covered
have 0.23 and more, against themselves five frames later 0.01 at most."""

LEAST_MOTION = 0.05
"""Mean change between frames (0..255) below which nothing moves, and a shift harms nobody."""


@dataclass(slots=True)
class Pairing:
    """Told of both recordings' frames side by side, it says in the end what speaks against their being a pair."""

    _shares: list[float] = field(default_factory=list)
    _motion: list[tuple[Floats, Floats]] = field(default_factory=list)

    def take(self, raw: Plane, masked: Plane) -> None:
        """The next frame's luma of either."""
        self._shares.append(_alike(raw, masked))
        self._motion.append((_small(raw, MOTION), _small(masked, MOTION)))

    def fault(self) -> str | None:
        """What is wrong with the second one, in words, or None."""
        late, together = self._late()
        if late:
            return f"shows everything {abs(late)} frame{'s' * (abs(late) > 1)} {'later' if late > 0 else 'earlier'}"
        told = [share for share in self._shares if share == share]
        same = sum(share >= SAME_SHARE for share in told)
        if together < TOGETHER or (told and same < SAME_FRAMES * len(told)):
            return "shows other pictures, or the same turned, mirrored or cut"
        return None

    def _late(self) -> tuple[int, float]:
        """(frames by which the second is later than the first, how well both move together then: 1 at best)."""
        if len(self._motion) < LEAST_FRAMES:
            return 0, 1.0
        a, b = (np.diff(np.stack(side), axis=0).reshape(len(side) - 1, -1) for side in zip(*self._motion))
        if float(np.abs(a).mean()) < LEAST_MOTION:
            return 0, 1.0
        most = min(MOST_LATE, len(a) // 2)
        together = {late: _correlation(*_shifted(a, b, late)) for late in range(-most, most + 1)}
        best = max(together, key=together.__getitem__)
        late = best if together[best] > together[0] + LATE_BY else 0
        return late, together[late]


def _shifted(a: Floats, b: Floats, late: int) -> tuple[Floats, Floats]:
    return (a[: len(a) - late], b[late:]) if late >= 0 else (a[-late:], b[:late])


def _correlation(a: Floats, b: Floats) -> float:
    return float((a * b).sum() / max(float(np.sqrt((a * a).sum() * (b * b).sum())), 1e-6))


def _alike(raw: Plane, masked: Plane) -> float:
    """Share of the textured cells that both show alike; NaN where there are too few."""
    a, b = (_band(_small(plane, SIZE)) for plane in (raw, masked))
    energy, left, both = (_cells(product) for product in (a * a, b * b, a * b))
    textured = energy >= TEXTURE**2
    if int(textured.sum()) < LEAST_CELLS:
        return float("nan")
    alike = both > ALIKE * np.sqrt(np.maximum(energy * left, 1e-6))
    return float(alike[textured].mean())


def _small(plane: Plane, size: tuple[int, int]) -> Floats:
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)


def _band(picture: Floats) -> Floats:
    fine, coarse = (cv2.GaussianBlur(picture, (0, 0), radius) for radius in BAND)
    return np.asarray(fine - coarse, np.float32)


def _cells(values: Floats) -> Floats:
    rows, columns = values.shape[0] // CELL_PX, values.shape[1] // CELL_PX
    return np.asarray(values.reshape(rows, CELL_PX, columns, CELL_PX).mean(axis=(1, 3)), np.float32)

"""`python -m tests.injected DETECTOR run ...`: MOFY's own command line, with a detector that fails on demand.

DETECTOR: `real`; `blind` finds nothing; `red` finds red regions. `red:raise:N`, `red:nan:N` and `red:hang:N` do so from
its picture N on, `red:slow:S` takes S seconds for each.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from numpy.typing import NDArray

from appliance import assembly, cli
from appliance.core.faces import Face
from appliance.core.frames import RgbImage
from appliance.core.geometry import Box

INPUT = (320, 192)


class RedDetector:
    """Takes red for a face."""

    input_size = INPUT

    def __init__(self, fault: str, when: float) -> None:
        self._fault = fault
        self._when = when
        self._count = 0

    def detect(self, rgb: RgbImage) -> list[Face]:
        """The box around everything red."""
        self._count += 1
        if self._fault == "slow":
            time.sleep(self._when)
        elif self._fault and self._count >= self._when:
            return self._fail()
        red = (rgb[:, :, 0] > 150) & (rgb[:, :, 1] < 110)
        rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
        if not rows.size:
            return []
        return [_face(Box(float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)))]

    def _fail(self) -> list[Face]:
        if self._fault == "nan":
            return [_face(Box(float("nan"), 0.0, float("nan"), 9.0))]
        if self._fault == "hang":
            time.sleep(3600)
        raise RuntimeError("the model\nfell over")


class Blind:
    """Finds nothing: a camera of its own, whose picture is bare."""

    input_size = INPUT

    def detect(self, rgb: RgbImage) -> list[Face]:
        """No face."""
        return []


def _face(box: Box) -> Face:
    return Face(box, np.zeros((5, 2), np.float32), 0.9)


class Nobody:
    """Knows no face."""

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Never asked: nobody is enrolled."""
        raise AssertionError("nobody is enrolled")


def main() -> None:
    """Put the detector in its place and run MOFY."""
    name, fault, when = (*sys.argv.pop(1).split(":"), "", "0")[:3]
    if name != "real":
        found = RedDetector(fault, float(when)) if name == "red" else Blind()
        assembly.detector = lambda config: found
        assembly.embedder = lambda config: Nobody()
    cli.main()


if __name__ == "__main__":
    main()

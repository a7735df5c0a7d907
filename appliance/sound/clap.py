"""A beep at every whole second of the system's clock: the picture source of this name flashes then. For lip-sync."""

from __future__ import annotations

import time

import numpy as np

from appliance.core.sound import CHANNELS, RATE_HZ, Heard
from appliance.options import Disguise

BEEP_S = 0.1
PITCH_HZ = 1000
LOUD = 12_000

MOST_S = 1.0
"""What nobody read for longer is not heard any more."""


class Clap:
    """Gives what was to be heard since the last time, as a microphone would. No voice: a disguise changes nothing."""

    fault = None

    def __init__(self, disguise: Disguise) -> None:
        self._disguise = disguise
        self._next = self._present()

    def read(self) -> list[Heard]:
        """The sound up to this moment; see Microphone."""
        end = self._present()
        at = np.arange(max(self._next, end - round(MOST_S * RATE_HZ)), end)
        if not at.size:
            return []
        self._next = end
        beep = np.where(at % RATE_HZ < BEEP_S * RATE_HZ, np.sin(2 * np.pi * PITCH_HZ / RATE_HZ * at) * LOUD, 0)
        samples = np.repeat(beep.astype(np.int16)[:, None], CHANNELS, axis=1)
        return [Heard(samples, float(at[0]) / RATE_HZ, self._disguise)]

    def disguise(self, how: Disguise) -> None:
        """Nothing changes but the name."""
        self._disguise = how

    def close(self) -> None:
        """Nothing to let go of."""

    def _present(self) -> int:
        return int(time.monotonic() * RATE_HZ)


def build(device: str, disguise: Disguise) -> Clap:
    """Beeps of a tenth of a second; see Microphone."""
    return Clap(disguise)

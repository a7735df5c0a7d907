"""When a connection is tried again, and whether in the other version of MQTT: by how the tries before ended."""

from __future__ import annotations

import random

BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Pause before each new try; each is drawn from half to one and a half of it, so that boxes do not come in step."""

REFUSED_S = 30.0
"""Pause where the broker knows us and says no: a person must do something first."""

LASTING_S = 10.0
"""Whoever was connected so long begins again with the shortest pause."""

HUNG_MOST = 2
"""After so many hang-ups in a row without an answer the other version of MQTT is tried."""


class Retries:
    """Told by one thread how each try goes; `now` is seconds of any steady clock."""

    def __init__(self) -> None:
        self._in_vain = 0
        self._hung = 0
        self._connected_at: float | None = None

    def begin(self) -> None:
        """A try begins."""
        self._connected_at = None

    def answered(self) -> None:
        """The broker said yes or no, so it knows this version of MQTT, or said that it does not."""
        self._hung = 0

    def connected(self, now: float) -> None:
        """The broker said yes."""
        self._connected_at = now

    def hung_up(self, told: bool) -> bool:
        """It hung up without an answer; True when the other version is to be tried. told: TLS said why it did."""
        self._hung = 0 if told else self._hung + 1
        if self._hung < HUNG_MOST:
            return False
        self._hung = 0
        return True

    def pause_s(self, now: float, refused: bool) -> float:
        """The try is over: seconds until the next one. refused: the broker said no, and will say so again."""
        lasted = self._connected_at is not None and now - self._connected_at > LASTING_S
        self._in_vain = 0 if lasted else self._in_vain + 1
        usual = REFUSED_S if refused else BACK_OFF_S[min(max(self._in_vain - 1, 0), len(BACK_OFF_S) - 1)]
        return usual * random.uniform(0.5, 1.5)

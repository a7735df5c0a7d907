"""How much may be asked of the box at once."""

from __future__ import annotations


class Bucket:
    """Lets through `burst` at once and `rate` a second in the long run."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._left = float(burst)
        self._at = -1.0

    def take(self, now: float) -> bool:
        """True when one more may pass at monotonic second `now`."""
        earned = self._burst if self._at < 0 else max(now - self._at, 0.0) * self._rate
        self._left, self._at = min(self._burst, self._left + earned), now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True

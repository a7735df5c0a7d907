"""A viewer who notes when each stamped frame came out of the decoder."""

from __future__ import annotations

import threading
import time

from tests.benchmarks.soak import stamp
from tests.benchmarks.soak.viewers import Viewer


class Eye:
    """Watches a stream in a thread of its own, for a while."""

    def __init__(self, address: str, viewer: Viewer) -> None:
        self.seen: list[tuple[int, int, float]] = []
        """(frame number, milliseconds stamped, milliseconds decoded)."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(address, viewer), daemon=True)
        self._thread.start()

    def _watch(self, address: str, viewer: Viewer) -> None:
        for luma in viewer(address):
            now_ms = time.monotonic() * 1000
            if luma is not None and (found := stamp.read(luma)) is not None:
                self.seen.append((*found, now_ms))
            if self._stop.is_set():
                return

    def close(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join(5)


def latencies_ms(seen: list[tuple[int, int, float]], window: int) -> list[float]:
    """Of what an Eye has seen: from when a frame might leave (the one `window` later was read) until it was decoded."""
    stamped = {number: ms for number, ms, _ in seen}
    released = ((stamped.get((number + window) % (1 << stamp.COUNT_BITS)), at) for number, _, at in seen)
    rounds = stamp.ROUND_MS
    return [((at - ms + rounds / 2) % rounds) - rounds / 2 for ms, at in released if ms is not None]

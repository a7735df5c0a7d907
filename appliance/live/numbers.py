"""Numbers by which people point at faces. A face that may have become another one's gets a new number: whoever points
at the old one, however late, never means somebody else."""

from __future__ import annotations

import threading
from collections import OrderedDict

MOST = 4096
"""Numbers that are remembered: an hour of a busy scene."""

IN_DOUBT = -2
"""Stands for a moment before a doubt that came meanwhile: such a face cannot be meant any more."""


class Numbers:
    """Given by the thread that reports, looked up by the line's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: OrderedDict[tuple[int, int], int] = OrderedDict()
        self._faces: dict[int, tuple[int, int]] = {}
        self._next = 1

    def of(self, track: int, doubted_at: int) -> int:
        """The number of a track since it was doubted last; the same as long as that is."""
        face = (track, doubted_at)
        with self._lock:
            if face not in self._numbers:
                self._numbers[face], self._faces[self._next] = self._next, face
                self._next += 1
                if len(self._numbers) > MOST:
                    _, oldest = self._numbers.popitem(last=False)
                    self._faces.pop(oldest)
            return self._numbers[face]

    def face(self, number: int | None) -> tuple[int, int] | None:
        """(track, doubted_at) of a number; None when it was never given, or long ago."""
        with self._lock:
            return None if number is None else self._faces.get(number)

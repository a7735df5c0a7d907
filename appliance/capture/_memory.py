"""Memory for pictures, used again once nobody looks at the picture in it: fresh pages cost a millisecond each time."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_IDLE = 1
"""Pieces kept for the next picture: as one comes one goes, and more lie idle only after the window became shorter."""

Bytes = NDArray[np.uint8]


class Memory:
    """Pieces of one size; of another when another is asked for."""

    def __init__(self) -> None:
        self._idle: list[Bytes] = []

    def take(self, size: int) -> Bytes:
        """(size,) bytes with anything in them, which nobody else has while this array or any view of it lives."""
        piece = self._idle.pop() if self._idle else np.empty(size, np.uint8)
        if piece.size != size:
            self._idle.clear()
            piece = np.empty(size, np.uint8)
        lease = _Lease(piece)
        weakref.finalize(lease, _returned, self._idle, piece).atexit = False
        return np.asarray(lease)


class _Lease:
    """What every view of a lent piece holds on to: when it goes, nobody looks any more."""

    __slots__ = ("__array_interface__", "__weakref__")

    def __init__(self, piece: Bytes) -> None:
        self.__array_interface__: dict[str, Any] = piece.__array_interface__


def _returned(idle: list[Bytes], piece: Bytes) -> None:
    if len(idle) < MOST_IDLE:
        idle.append(piece)

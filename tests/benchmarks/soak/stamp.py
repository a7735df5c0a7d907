"""A moment written into a picture as black and white blocks, and read back after encoder, network and decoder."""

from __future__ import annotations

import numpy as np

from appliance.core.frames import Frame, Plane

BLOCK_PX = 16
COUNT_BITS, TIME_BITS, CHECK_BITS = 16, 24, 8
BITS = COUNT_BITS + TIME_BITS + CHECK_BITS
BLACK, WHITE, MIDDLE = 16, 235, 126
ROUND_MS = 1 << TIME_BITS
"""Milliseconds after which moments begin anew: four hours and a half."""


def put(frame: Frame, count: int, at_s: float) -> None:
    """Write the frame's number and a moment of time.monotonic() into its lower left corner."""
    payload = (count % (1 << COUNT_BITS)) << TIME_BITS | int(at_s * 1000) % ROUND_MS
    word = payload << CHECK_BITS | _check(payload)
    rows = slice(frame.height - BLOCK_PX, frame.height)
    for bit in range(BITS):
        columns = slice(bit * BLOCK_PX, (bit + 1) * BLOCK_PX)
        frame.y[rows, columns] = WHITE if word >> (BITS - 1 - bit) & 1 else BLACK


def read(y: Plane) -> tuple[int, int] | None:
    """(number, milliseconds), each modulo its range; None when a block was covered or lost."""
    middle = y[y.shape[0] - BLOCK_PX // 2, BLOCK_PX // 2 : BITS * BLOCK_PX : BLOCK_PX]
    word = int("".join("1" if luma > MIDDLE else "0" for luma in np.asarray(middle)), 2)
    payload = word >> CHECK_BITS
    if word & ((1 << CHECK_BITS) - 1) != _check(payload):
        return None
    return payload >> TIME_BITS, payload & (ROUND_MS - 1)


def _check(payload: int) -> int:
    """Never of one colour alone, so that a cover is no stamp."""
    return (payload * 2654435761 >> 13 ^ 0xA5) & ((1 << CHECK_BITS) - 1)

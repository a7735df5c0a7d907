"""A piece of memory is lent again only when no view of it is left: else one picture would be drawn into another."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.capture._memory import MOST_IDLE, Memory
from appliance.core.frames import from_i420


def place(piece: np.ndarray) -> int:
    return piece.__array_interface__["data"][0]


def test_what_nobody_looks_at_is_lent_again():
    memory = Memory()
    first = memory.take(1000)
    at = place(first)
    del first
    assert place(memory.take(1000)) == at


def test_a_view_keeps_it():
    memory = Memory()
    packed = memory.take(16 * 16 * 3 // 2)
    frame = from_i420(packed, 16, 16, 0, 0.0)
    row, at = frame.v[3], place(packed)
    raw = memoryview(frame.u[2])
    del packed, frame
    other = memory.take(16 * 16 * 3 // 2)
    assert place(other) != at
    del row
    third = memory.take(16 * 16 * 3 // 2)
    assert place(third) != at
    del raw
    assert place(memory.take(16 * 16 * 3 // 2)) == at


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from([64, 96])), max_size=60))
def test_no_two_who_hold_one_have_the_same(turns):
    memory, held = Memory(), {}
    for number, (slot, size) in enumerate(turns):
        held.pop(slot, None)
        held[slot] = memory.take(size)
        held[slot][:] = number % 256
        held[slot] = (held[slot], number % 256)
        assert all((piece == value).all() for piece, value in held.values())
        assert len({place(piece) for piece, _ in held.values()}) == len(held)


def test_little_lies_idle():
    memory = Memory()
    pieces = [memory.take(100) for _ in range(10)]
    pieces.clear()
    assert len(memory._idle) == MOST_IDLE
    assert memory.take(50).size == 50
    assert memory.take(100).size == 100

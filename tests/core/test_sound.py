"""What waits is found by the time it was heard at, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.sound import FADE, RATE_HZ, SAME_S, Heard, Waiting, blended, silence


def heard(start: int, count: int) -> Heard:
    """Samples that say where they belong (left), so many from there on."""
    ramp = (np.arange(start, start + count) % 30_000 + 1).astype(np.int16)
    return Heard(np.stack([ramp, -ramp], axis=1), start / RATE_HZ)


def belongs(taken: np.ndarray, start: int) -> np.ndarray:
    """True where a sample is what it must be, False where it is another, silence aside."""
    meant = np.arange(start, start + len(taken)) % 30_000 + 1
    return (taken[:, 0] == meant) | (taken[:, 0] == 0)


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=30), st.integers(0, 60_000), st.integers(1, 4000))
def test_pieces_of_any_length_come_out_where_they_were_heard(lengths, start, count):
    waiting, at = Waiting(0.5), 10_000
    for length in lengths:
        waiting.put(heard(at, length))
        at += length
    taken = waiting.take(start / RATE_HZ, count)
    assert taken.shape == (count, 2)
    first, last = max(start, 10_000, at - round(0.5 * RATE_HZ)), min(start + count, at)
    known = slice(max(first - start, 0), max(last - start, 0))
    # The first sound of all fades in.
    inside = np.arange(start, start + count)[known] >= 10_000 + FADE
    assert belongs(taken, start)[known][inside].all()
    assert (taken[known][inside] != 0).all()
    outside = np.delete(taken, np.r_[known], axis=0) if first < last else taken
    assert not outside.any()


def test_trembling_time_stamps_leave_no_gap():
    waiting = Waiting(2)
    for k in range(50):
        piece = heard(RATE_HZ + 480 * k, 480)
        waiting.put(Heard(piece.samples, piece.captured_at + (k % 3) * SAME_S / 3))
    assert (waiting.take(1 + 0.05, 480 * 40)[:, 0] != 0).all()


def test_a_gap_is_silent_and_what_comes_again_is_left_out():
    waiting = Waiting(2)
    waiting.put(heard(48_000, 4800))
    waiting.put(heard(62_400, 4800))
    assert not waiting.take(52_800 / RATE_HZ, 9600).any()
    waiting.put(heard(60_000, 9600))  # half of it was heard before
    assert belongs(waiting.take(63_000 / RATE_HZ, 6000), 63_000).all()
    assert waiting.take(69_599 / RATE_HZ, 2)[:, 0].tolist() == [69_599 % 30_000 + 1, 0]


def test_a_long_silence_leaves_nothing_of_what_was_before():
    waiting = Waiting(1)
    waiting.put(heard(0, 48_000))
    waiting.put(heard(480_000, 960))
    assert not waiting.take(9.0, 48_000).any()
    assert waiting.take(10.0, 960)[FADE:].all()


def test_what_is_forgotten_is_gone():
    waiting = Waiting(1)
    waiting.put(heard(48_000, 24_000))
    waiting.clear()
    assert not waiting.take(1.0, 24_000).any()


def test_from_one_to_the_other_without_a_leap():
    loud = np.full((960, 2), 20_000, np.int16)
    steps = np.abs(np.diff(blended(loud, silence(960))[:, 0].astype(int)))
    assert steps.max() <= 21 + 1
    assert blended(loud, loud)[480].tolist() == pytest.approx([20_000, 20_000], abs=1)

"""A pair is one recording and the same with something covered; whatever else has the same length and size is none."""

import cv2
import numpy as np
import pytest

from appliance.auditing.pairing import Pairing

WIDTH, HEIGHT, FRAMES = 256, 144, 40


def world(seed):
    """A textured ground twice as wide as the picture."""
    rough = np.random.default_rng(seed).integers(0, 255, (HEIGHT, 2 * WIDTH)).astype(np.uint8)
    return cv2.convertScaleAbs(cv2.GaussianBlur(rough, (0, 0), 2.5), alpha=4, beta=-380)


def panned(seed=1, frames=FRAMES, at=lambda n: 3 * n):
    return [world(seed)[:, at(n) : at(n) + WIDTH].copy() for n in range(frames)]


def covered(frames, side=80):
    frames = [frame.copy() for frame in frames]
    for n, frame in enumerate(frames):
        frame[30 : 30 + side, 20 + n : 20 + n + side] = 120
    return frames


def fault(raw, masked):
    pairing = Pairing()
    for a, b in zip(raw, masked):
        pairing.take(a, b)
    return pairing.fault()


@pytest.mark.parametrize("side", [0, 40, 80, 110])
def test_what_is_covered_does_not_matter(side):
    assert fault(panned(), covered(panned(), side)) is None


def test_nor_does_a_slate_for_half_of_the_time():
    masked = covered(panned())
    masked[10:30] = [np.full_like(masked[0], 40)] * 20
    assert fault(panned(), masked) is None


@pytest.mark.parametrize(("late", "words"), [(1, "1 frame later"), (7, "7 frames later"), (-3, "3 frames earlier")])
def test_a_shift_is_told(late, words):
    frames = panned(frames=FRAMES + 10, at=lambda n: int(40 + 30 * np.sin(n / 3)))
    raw = frames[7 : 7 + FRAMES - 5]
    assert words in str(fault(raw, covered(frames[7 - late : 7 - late + len(raw)])))


@pytest.mark.parametrize("changed", [lambda y: y[:, ::-1], lambda y: y[::-1, ::-1]], ids=["mirrored", "turned"])
def test_the_same_in_another_way_is_told(changed):
    assert "shows other pictures" in str(fault(panned(), [np.ascontiguousarray(changed(y)) for y in panned()]))


def test_another_recording_is_told():
    assert "shows other pictures" in str(fault(panned(1), panned(2)))


def test_where_nothing_moves_and_nothing_is_to_be_seen_nothing_is_said_against_it():
    still, blank = [world(3)[:, :WIDTH]] * FRAMES, [np.full((HEIGHT, WIDTH), 16, np.uint8)] * FRAMES
    assert fault(still, covered(still)) is None
    assert fault(blank, blank) is None
    assert fault(still[:2], still[:2]) is None

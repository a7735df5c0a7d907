"""What is guessed of a face from under its cover."""

from __future__ import annotations

import math

import numpy as np
import pytest

from appliance.core.faces import Face
from appliance.core.frames import Frame
from appliance.core.geometry import Box
from appliance.masks import MaskOptions, blur, solid
from tests.benchmarks.attack.attackers import around, colour, hidden, nearness, shape, size
from tests.benchmarks.attack.guessing import guesses
from tests.benchmarks.attack.masking import averaged, covered, noise
from tests.benchmarks.attack.subjects import Picture, usual_landmarks


def picture(seed: int = 0, level: int = 120) -> Picture:
    dice = np.random.default_rng(seed)
    planes = [dice.integers(level - 40, level + 40, shape).astype(np.uint8) for shape in ((80, 80), (40, 40), (40, 40))]
    landmarks = np.array([[30, 30], [50, 30], [40, 40], [32, 50], [48, 50]], np.float32)
    return Picture(Frame(*planes, 0, 0.0), Face(Box(24, 20, 56, 60), landmarks, 0.9), Box(20, 10, 60, 70))


def test_guesses_know_all_nothing_and_chance():
    assert guesses(np.eye(50)).first.share == 1
    blind = guesses(np.zeros((50, 50)))
    assert (blind.first.share, blind.tenth.share) == pytest.approx((1 / 50, 0.1))
    always_the_same = guesses(np.tile(np.arange(50.0), (50, 1)))
    assert (always_the_same.first.share, always_the_same.tenth.share) == pytest.approx((1 / 50, 0.1))
    assert guesses(np.eye(50)).tells
    assert not blind.tells
    assert guesses(-np.eye(50)).first.share == 0


def test_guesses_of_who_knows_nothing_seldom_tell():
    dice = np.random.default_rng(3)
    told = sum(guesses(dice.normal(size=(200, 200))).tells for _ in range(100))
    assert told <= 15


def test_a_covered_picture_is_a_copy():
    one = picture()
    before = one.frame.y.copy()
    left = covered(one, solid.build(MaskOptions()), 3)
    np.testing.assert_array_equal(one.frame.y, before)
    assert len(np.unique(left.y[10:70, 20:60])) == 1
    np.testing.assert_array_equal(left.y[:10], before[:10])


def test_averaging_brings_noise_down_and_nothing_back_from_under_a_solid_cover():
    one, grain = picture(), noise(160)
    single = averaged(one, solid.build(MaskOptions()), 3, grain, frames=1)
    many = averaged(one, solid.build(MaskOptions()), 3, grain)
    outside = [np.abs(frame.y[:10].astype(int) - one.frame.y[:10]).mean() for frame in (single, many)]
    assert outside[1] < outside[0] / 3
    assert len(np.unique(many.y[10:70, 20:60])) == 1


def test_the_colour_meter_finds_a_blurred_face_by_its_light():
    people = [picture(seed, 60 + 15 * seed) for seed in range(8)]
    usual = usual_landmarks(people)
    mask = blur.build(MaskOptions())
    probes = [colour(hidden(one, covered(one, mask, 1), usual)) for one in people]
    gallery = [colour(hidden(one, one.frame, usual)) for one in people]
    assert guesses(nearness(probes, gallery)).first.share == 1


def test_what_stays_in_the_picture_is_read_from_outside_the_cover_alone():
    one = picture()
    left = hidden(one, covered(one, solid.build(MaskOptions()), 1), usual_landmarks([one]))
    clear = hidden(one, one.frame, usual_landmarks([one]))
    for of in (around, shape, size):
        np.testing.assert_array_equal(of(left), of(clear))
    assert np.abs(colour(left) - colour(clear)).max() > 1
    assert float(shape(left)[0]) == pytest.approx(math.log(40 / 60))
    ring = one.frame.y[2:78, 12:68].astype(float).sum() - one.frame.y[10:70, 20:60].astype(float).sum()
    assert float(around(left)[0]) == pytest.approx(ring / (76 * 56 - 60 * 40), abs=0.01)


def test_usual_landmarks_lie_where_they_lay():
    one = picture()
    assert one.face.landmarks is not None
    np.testing.assert_allclose(hidden(one, one.frame, usual_landmarks([one])).landmarks, one.face.landmarks, atol=1e-4)

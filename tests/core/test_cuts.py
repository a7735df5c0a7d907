"""A cut is a new picture; a pan, a flicker of light or noise is not."""

import numpy as np

from appliance.core.cuts import CutDetector
from appliance.core.frames import Frame, from_rgb


def scene(seed: int, shift: int = 0, brighter: int = 0, noise: float = 0) -> Frame:
    dice = np.random.default_rng(seed)
    coarse = dice.integers(0, 255, (12, 20, 3)) * dice.uniform(0.3, 1.0)
    rgb = np.kron(coarse, np.ones((30, 32, 1)))
    rgb = np.roll(rgb, shift, axis=1) + brighter + np.random.default_rng(1).normal(0, noise or 1e-9, rgb.shape)
    return from_rgb(np.clip(rgb, 0, 255).astype(np.uint8))


def cuts(*frames: Frame) -> list[bool]:
    detector = CutDetector()
    return [detector.is_cut(frame) for frame in frames]


def test_the_first_frame_begins_a_shot():
    assert cuts(scene(1)) == [True]


def test_a_new_picture_is_a_cut():
    dark = from_rgb(np.full((360, 640, 3), 15, np.uint8))
    assert cuts(scene(1), scene(1), dark, dark, scene(4))[1:] == [False, True, False, True]


def test_a_cut_from_dark_to_dark_is_a_cut():
    """An unlit audience after an unlit stage: the light hardly changes, the picture does."""

    def dim(seed: int) -> Frame:
        bright = scene(seed)
        return Frame((16 + (bright.y.astype(int) - 16) // 5).astype(np.uint8), bright.u, bright.v, 0, 0.0)

    assert cuts(dim(1), dim(1), dim(4), dim(4))[1:] == [False, True, False]


def test_a_flash_is_none():
    assert cuts(scene(1), scene(1, brighter=30), scene(1))[1:] == [False, False]


def test_pans_noise_and_changing_light_are_none():
    assert not any(cuts(*[scene(1, shift=6 * i, noise=4) for i in range(20)])[1:])
    assert not any(cuts(*[scene(1, brighter=4 * i) for i in range(10)])[1:])


def test_another_size_is_a_cut():
    small = from_rgb(np.full((40, 40, 3), 80, np.uint8))
    assert cuts(small, from_rgb(np.full((400, 700, 3), 80, np.uint8)))[0]

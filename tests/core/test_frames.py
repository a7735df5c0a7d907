"""Planes and colours: what region_rgb shows is what the planes hold."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.core.frames import blank, from_i420, from_rgb, region_rgb
from appliance.core.geometry import Rect


def gradient(width: int, height: int) -> np.ndarray:
    x = np.linspace(30, 220, width)[None, :, None]
    y = np.linspace(0, 30, height)[:, None, None]
    return np.clip(x + y + np.array([-20, 0, 20]), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("full_chroma", [False, True])
def test_colours_survive_the_way_through_the_planes(full_chroma):
    rgb = gradient(64, 48)
    back = region_rgb(from_rgb(rgb, full_chroma=full_chroma), Rect(0, 0, 64, 48), (64, 48))
    assert np.abs(back.astype(int) - rgb).max() <= 6


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)])
def test_red_is_red(colour):
    rgb = np.full((16, 16, 3), colour, np.uint8)
    back = region_rgb(from_rgb(rgb), Rect(0, 0, 16, 16), (16, 16))
    assert np.abs(back.astype(int) - rgb).max() <= 5


def test_the_canvas_around_a_region_is_black():
    picture = region_rgb(from_rgb(np.full((60, 60, 3), 255, np.uint8)), Rect(0, 0, 60, 60), (40, 20), (64, 32))
    assert picture.shape == (32, 64, 3)
    assert picture[:20, :40].min() > 240
    assert picture[20:].max() < 16
    assert picture[:, 40:].max() < 16


def test_a_region_is_where_it_says():
    rgb = np.zeros((40, 60, 3), np.uint8)
    rgb[10:20, 20:40] = 255
    assert region_rgb(from_rgb(rgb), Rect(20, 10, 40, 20), (20, 10)).min() > 230


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 9))
def test_packed_i420_of_any_size_is_read_without_a_copy(width, height, more):
    half = ((width + 1) // 2) * ((height + 1) // 2)
    buffer = np.random.default_rng(0).integers(0, 255, width * height + 2 * half + more, np.uint8)
    frame = from_i420(buffer, width, height, 3, 0.5)
    assert frame.y.base is not None
    assert (frame.width, frame.height, frame.index) == (width, height, 3)
    frame.y[0, 0] ^= 255
    assert frame.y[0, 0] == buffer[0]
    with pytest.raises(ValueError, match="needs"):
        from_i420(buffer[: width * height + 2 * half - 1], width, height, 0, 0.0)


def test_padded_planes_are_read_right():
    """A Pi's planes are padded to 64: the padding must never be seen."""
    frame = from_rgb(gradient(50, 30))
    wide = np.full((30, 64), 255, np.uint8)
    wide[:, :50] = frame.y
    padded = type(frame)(wide[:, :50], frame.u, frame.v, 0, 0.0)
    whole = Rect(0, 0, 50, 30)
    assert np.array_equal(region_rgb(padded, whole, (50, 30)), region_rgb(frame, whole, (50, 30)))


def test_a_blank_frame_is_black():
    assert region_rgb(blank(32, 16), Rect(0, 0, 32, 16), (32, 16)).max() == 0


def test_opencv_agrees_on_the_conversion():
    rgb = gradient(64, 48)
    frame = from_rgb(rgb)
    theirs = cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420)[:48]
    assert np.abs(theirs.astype(int) - frame.y).max() <= 2


@pytest.mark.parametrize("size", [(150, 84), (300, 168), (640, 360)])
def test_what_is_halved_first_is_nearly_the_same_picture(size):
    coarse = np.random.default_rng(3).integers(0, 256, (24, 40, 3), np.uint8)
    frame = from_rgb(cv2.resize(coarse, (1280, 720), interpolation=cv2.INTER_CUBIC))
    whole = Rect(0, 0, 1280, 720)
    exact, quick = (region_rgb(frame, whole, size, by_halves=halves).astype(int) for halves in (False, True))
    assert np.abs(exact - quick).max() <= 24
    assert np.abs(exact - quick).mean() < 2

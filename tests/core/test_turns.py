"""A face found in a turned picture is told where it stands in the one that was not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.faces import Face
from appliance.core.geometry import Box, Rect
from appliance.core.turns import TURNS, UPRIGHT, sized, swapped, turned, turned_back


@given(
    st.integers(0, 3), st.integers(8, 40), st.integers(8, 40), st.integers(0, 7), st.integers(0, 7),
    st.integers(1, 8), st.integers(1, 8),
)  # fmt: skip
def test_pixels_and_faces_turn_alike(turns, width, height, x, y, wide, tall):
    wide, tall = min(wide, width - x), min(tall, height - y)
    picture = np.zeros((height, width, 3), np.uint8)
    picture[y : y + tall, x : x + wide] = 255
    rows, columns = np.nonzero(turned(picture, turns)[:, :, 0])
    seen = Box(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    corner = np.array([[seen.x0, seen.y0]] * 5, np.float32)
    (back,) = turned_back([Face(seen, corner, 0.5)], turns, (width, height))
    assert back.box == Box(x, y, x + wide, y + tall)
    assert back.score == 0.5
    assert back.landmarks[0].tolist() in [[px, py] for px in (x, x + wide) for py in (y, y + tall)]


def test_landmarks_keep_their_order():
    marks = np.array([[1, 2], [5, 2], [3, 4], [1, 6], [5, 6]], np.float32)
    (back,) = turned_back([Face(Box(0, 0, 6, 8), marks, 0.9)], 1, (20, 30))
    assert back.landmarks.tolist() == [[18, 1], [18, 5], [16, 3], [14, 1], [14, 5]]


@pytest.mark.parametrize("turns", [UPRIGHT, *TURNS])
def test_the_size_turns_too(turns):
    assert sized((30, 20), turns) == turned(np.zeros((20, 30, 3), np.uint8), turns).shape[1::-1]


def test_faces_without_landmarks_and_pictures_that_are_upright():
    face = Face(Box(1, 2, 3, 5), None, 0.4)
    assert turned_back([face], UPRIGHT, (9, 9)) == [face]
    assert turned_back([face], 2, (9, 9))[0].landmarks is None
    assert swapped(Rect(1, 2, 3, 5)) == Rect(2, 1, 5, 3)

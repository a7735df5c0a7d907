"""Orientation: what a display matrix says, and what is done about it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.files.video_planes import Orientation, fitted

SIDES = st.integers(1, 4320)

EIGHT = [
    (1, 0, 0, 1),
    (-1, 0, 0, 1),
    (1, 0, 0, -1),
    (-1, 0, 0, -1),
    (0, 1, 1, 0),
    (0, 1, -1, 0),
    (0, -1, 1, 0),
    (0, -1, -1, 0),
]


@pytest.mark.parametrize("matrix", EIGHT)
@pytest.mark.parametrize("shape", [(4, 6), (1, 5), (3, 1)])
def test_every_pixel_goes_where_the_matrix_says(matrix, shape):
    from appliance.files.video_planes import orientation_of

    class Picture:
        class side_data:  # noqa: N801
            @staticmethod
            def get(kind):
                a, b, c, d = matrix
                return np.array([a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30], "<i4").tobytes()

    stored = np.arange(shape[0] * shape[1], dtype=np.uint8).reshape(shape)
    upright = orientation_of(Picture).upright(stored)
    a, b, c, d = matrix
    places = {(a * x + c * y, b * x + d * y): stored[y, x] for y in range(shape[0]) for x in range(shape[1])}
    left, top = min(x for x, _ in places), min(y for _, y in places)
    assert upright.size == stored.size
    assert all(upright[y - top, x - left] == value for (x, y), value in places.items())


def test_what_stands_upright_is_not_copied():
    plane = np.zeros((4, 6), np.uint8)
    assert Orientation().upright(plane) is plane


def test_a_crooked_matrix_takes_the_nearest_quarter_turn():
    from appliance.files.video_planes import orientation_of

    class Picture:
        class side_data:  # noqa: N801
            @staticmethod
            def get(kind):
                return np.array([9000, 64000, 0, -64000, 9000, 0, 0, 0, 1 << 30], "<i4").tobytes()

    assert orientation_of(Picture) == Orientation(True, True, False)


@given(st.tuples(SIDES, SIDES), st.tuples(SIDES, SIDES))
def test_what_is_fitted_touches_two_edges_reaches_over_none_and_keeps_its_proportions(own, size):
    width, height = fitted(own, size)
    assert width == size[0] or height == size[1]
    assert width <= size[0] + 1
    assert height <= size[1] + 1
    share = min(size[0] / own[0], size[1] / own[1])
    np.testing.assert_allclose((width, height), (own[0] * share, own[1] * share), rtol=0, atol=2)

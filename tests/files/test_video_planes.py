"""Orientation: what a display matrix says, and what is done about it."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.files.video_planes import Orientation

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

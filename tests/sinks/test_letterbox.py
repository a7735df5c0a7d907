"""A picture on a screen is whole, as large as it goes, in its own shape and in the middle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.frames import rgb_of
from appliance.core.veiling import veil
from appliance.masks import MaskOptions, mosaic
from appliance.sinks._letterbox import canvas, place, put
from tests.striped import differs, stripes

SIDES = st.integers(1, 4000)
EVEN = st.integers(32, 2000).map(lambda half: half * 2)


@given(SIDES, SIDES, EVEN, EVEN)
def test_it_fits_and_touches_two_opposite_edges(width, height, screen_width, screen_height):
    where = place(width, height, (screen_width, screen_height))
    assert 0 <= where.x0 < where.x1 <= screen_width
    assert 0 <= where.y0 < where.y1 <= screen_height
    assert all(side % 2 == 0 for side in (where.x0, where.y0, where.x1, where.y1))
    left, right, above, below = where.x0, screen_width - where.x1, where.y0, screen_height - where.y1
    assert abs(left - right) <= 2
    assert abs(above - below) <= 2
    assert min(left + right, above + below) <= 1


@given(st.integers(64, 4000), st.integers(64, 4000))
def test_it_is_not_stretched(width, height):
    where = place(width, height, (1920, 1080))
    drawn = (where.x1 - where.x0) / (where.y1 - where.y0)
    if min(where.x1 - where.x0, where.y1 - where.y0) > 64:
        assert drawn == pytest.approx(width / height, rel=0.05)


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (1920, 1080), (720, 1280), (641, 361), (320, 180)])
@pytest.mark.parametrize("screen", [(1280, 720), (1920, 1080), (1024, 768), (800, 480)])
def test_every_pixel_of_it_is_where_it_should_be(size, screen):
    frame = veil(stripes(*size), (), mosaic.build(MaskOptions()))
    onto, where = canvas(*screen), place(*size, screen)
    put(onto, frame.y, frame.u, frame.v, where)
    assert differs(rgb_of(onto.y, onto.u, onto.v), where.x0, where.y0, where.x1, where.y1) == ""


def test_whole_chroma_is_shown_too():
    onto, where = canvas(640, 360), place(320, 180, (640, 360))
    full = np.full((180, 320), 90, np.uint8)
    put(onto, full, full, full, where)
    assert (onto.u == 90).all()

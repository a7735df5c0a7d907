"""A slate says its two lines at any size, Korean too, and shows nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.slate import GROUND, slate


@given(st.integers(1, 300), st.integers(1, 200), st.text(max_size=40), st.text(max_size=200))
def test_any_size_and_any_words_make_a_frame(width, height, title, reason):
    frame = slate(width, height, title, reason)
    half = ((height + 1) // 2, (width + 1) // 2)
    assert (frame.y.shape, frame.u.shape, frame.v.shape) == ((height, width), half, half)
    assert (frame.u == GROUND[1]).all()
    assert (frame.v == GROUND[2]).all()


@pytest.mark.parametrize(
    "reason", ["camera lost", "카메라 연결 끊김", "a reason that is far too long for one line " * 4]
)
def test_both_lines_are_seen_whole(reason):
    frame = slate(640, 360, "MOFY", reason)
    written = frame.y != GROUND[0]
    assert written[:190].sum() > 300
    assert written[195:].sum() > 150
    assert not written[:, :8].any()
    assert not written[:, -8:].any()


def test_another_reason_is_another_picture():
    one, other = (slate(640, 360, "MOFY", reason).y for reason in ("카메라", "starting"))
    assert not np.array_equal(one, other)

"""The sign is seen, stays in its corner, and fits pictures of any size."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.frames import blank
from appliance.core.sign import SMALL_PX, stamp
from appliance.live.words import sign


@given(st.integers(1, 700), st.integers(1, 500), st.sampled_from(["en", "ko", "both"]), st.booleans())
def test_it_fits_any_picture_and_leaves_the_rest_alone(width, height, language, whole):
    frame = blank(width, height)
    u, v = (frame.y.copy(), frame.y.copy()) if whole and width > 1 else (frame.u, frame.v)
    stamp(frame.y, u, v, sign(language))
    changed = frame.y != 16
    if min(width, height) < SMALL_PX:
        assert not changed.any()
        return
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert rows.size > 8
    assert columns[-1] < 0.75 * width
    assert rows[0] > height * 0.6
    assert rows[-1] < height - 1
    assert columns[0] > 0


def test_without_lines_there_is_no_sign():
    frame = blank(640, 360)
    stamp(frame.y, frame.u, frame.v, ())
    assert (frame.y == 16).all()


def test_each_language_looks_different():
    pictures = []
    for language in ("en", "ko", "both"):
        frame = blank(640, 360)
        stamp(frame.y, frame.u, frame.v, sign(language))
        pictures.append(frame.y.tobytes())
    assert len(set(pictures)) == 3

"""P2: veil is the gate. Whatever a cover touches is overwritten, chroma included, and nothing else changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.core.frames import Frame, blank
from appliance.core.geometry import Box
from appliance.core.veiling import Cover, MaskedFrame, rounded, veil
from appliance.masks import MaskOptions, solid


def noise(width: int, height: int, full_chroma: bool = False, padding: int = 0) -> Frame:
    dice = np.random.default_rng(width * 10_000 + height)
    chroma = (height, width) if full_chroma else ((height + 1) // 2, (width + 1) // 2)
    y, u, v = (
        dice.integers(180, 236, (rows, columns + padding), np.uint8)[:, :columns]
        for rows, columns in ((height, width), chroma, chroma)
    )
    return Frame(y, u, v, 0, 0.0)


BLACK = solid.build(MaskOptions(colour=(0, 0, 0)))
edges = st.floats(-20, 120, allow_nan=False, allow_subnormal=False)


@settings(max_examples=200)
@given(
    st.integers(1, 90),
    st.integers(1, 70),
    st.tuples(edges, edges, edges, edges),
    st.booleans(),
    st.sampled_from([0, 7]),
)
def test_covered_pixels_are_overwritten_and_no_others(width, height, corners, full_chroma, padding):
    frame = noise(width, height, full_chroma, padding)
    before = [plane.copy() for plane in (frame.y, frame.u, frame.v)]
    x0, x1 = sorted(corners[:2])
    y0, y1 = sorted(corners[2:])
    masked = veil(frame, [Cover(Box(x0, y0, x1, y1), 1)], BLACK)
    step = frame.chroma_step
    touched = np.zeros((height, width), bool)
    rect = Box(x0, y0, x1, y1).pixels(width, height)
    if not rect.empty:
        touched[rect.y0 : rect.y1, rect.x0 : rect.x1] = True
        assert (masked.y[touched] == 16).all()
        assert (masked.u[rect.y0 // step : -(-rect.y1 // step), rect.x0 // step : -(-rect.x1 // step)] == 128).all()
    grown = Box(x0 - step, y0 - step, x1 + step, y1 + step).pixels(width, height)
    outside = np.ones((height, width), bool)
    outside[grown.y0 : max(grown.y1, grown.y0), grown.x0 : max(grown.x1, grown.x0)] = False
    assert (masked.y[outside] == before[0][outside]).all()


def test_no_colour_of_a_face_stands_on_beside_the_mask_at_odd_offsets():
    frame = noise(64, 64)
    masked = veil(frame, [Cover(Box(11, 13, 31, 33), 1)], BLACK)
    (rect,) = masked.covered
    assert (rect.x0, rect.y0, rect.x1, rect.y1) == (10, 12, 32, 34)
    assert (masked.y[12:34, 10:32] == 16).all()
    assert (masked.u[6:17, 5:16] == 128).all()


def test_a_cover_outside_the_frame_is_none():
    masked = veil(noise(32, 32), [Cover(Box(100, 100, 120, 120), 1)], BLACK)
    assert masked.covered == ()


anywhere = st.floats(allow_nan=False) | edges


@given(
    st.lists(st.tuples(anywhere, anywhere, anywhere, anywhere), max_size=6),
    st.integers(1, 90),
    st.integers(1, 70),
    st.sampled_from([1, 2]),
)
def test_many_covers_are_rounded_as_each_box_is(corners, width, height, step):
    finite = [tuple(min(max(value, -1e9), 1e9) for value in four) for four in corners]
    rows = rounded([Cover(Box(*four), 1) for four in corners], width, height, step)
    for row, four in zip(rows.tolist(), finite):
        rect = Box(*four).pixels(width, height, step)
        empty = row[0] >= row[2] or row[1] >= row[3]
        assert empty if rect.empty else tuple(row) == (rect.x0, rect.y0, rect.x1, rect.y1)


def test_a_cover_that_is_nowhere_stops_the_picture():
    with pytest.raises(ValueError, match="no place"):
        veil(noise(32, 32), [Cover(Box(1, 1, 9, 9), 1), Cover(Box(float("nan"), 2, 9, 9), 2)], BLACK)


def test_a_masked_frame_is_no_frame():
    masked = veil(blank(16, 16), (), BLACK)
    assert isinstance(masked, MaskedFrame)
    assert not isinstance(masked, Frame)
    with pytest.raises(AttributeError):
        masked.index = 3  # type: ignore[misc]

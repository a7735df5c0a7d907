"""Boxes turn into pixels outwards, inside the frame, whatever they are."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.core.geometry import Box, between

coordinate = st.floats(-300, 900, allow_nan=False)
sides = st.floats(0, 500, allow_nan=False)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x, y = draw(coordinate), draw(coordinate)
    return Box(x, y, x + draw(sides), y + draw(sides))


frames = st.tuples(st.integers(1, 640), st.integers(1, 480))


@given(boxes(), frames, st.sampled_from([1, 2]))
def test_every_pixel_a_box_touches_is_in_its_rectangle(box, frame, step):
    rect = box.pixels(*frame, step)
    # A pixel is the square from its index to the next: touched if the box reaches inside it.
    left, top = max(int(box.x0 // 1), 0), max(int(box.y0 // 1), 0)
    if box.width > 0 and box.height > 0 and left < min(box.x1, frame[0]) and top < min(box.y1, frame[1]):
        assert rect.x0 <= left
        assert rect.y0 <= top
        assert rect.x1 >= min(box.x1, frame[0])
        assert rect.y1 >= min(box.y1, frame[1])
        assert not rect.empty


@given(boxes(), frames, st.sampled_from([1, 2]))
def test_a_rectangle_stays_inside_the_frame_and_begins_on_whole_chroma(box, frame, step):
    rect = box.pixels(*frame, step)
    assert rect.x0 >= 0
    assert rect.y0 >= 0
    assert rect.x1 <= frame[0]
    assert rect.y1 <= frame[1]
    assert rect.x0 % step == 0
    assert rect.y0 % step == 0
    assert rect.empty or rect.x1 % step == 0 or rect.x1 == frame[0]


def test_boxes_are_half_open():
    rect = Box(10, 20, 30, 40).pixels(640, 480)
    assert (rect.x0, rect.y0, rect.x1, rect.y1) == (10, 20, 30, 40)


def test_the_last_row_and_column_of_a_face_at_the_border_are_covered():
    rect = Box(600.2, 470.1, 700, 500).pixels(640, 480)
    assert (rect.x0, rect.y0, rect.x1, rect.y1) == (600, 470, 640, 480)


@given(boxes(), boxes())
def test_a_union_contains_both_and_overlap_is_symmetric(a, b):
    union = a.union(b)
    assert union.contains(a)
    assert union.contains(b)
    assert a.overlap(b) == b.overlap(a)
    assert 0 <= a.iou(b) <= 1.0000001


@given(boxes(), boxes())
def test_between_begins_and_ends_at_its_boxes(a, b):
    assert between(a, b, 0.0) == a
    assert between(a, b, 1.0) == b

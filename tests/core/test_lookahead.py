"""What is covered around a face: all of it, and in one shape whatever the face's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.geometry import Box
from appliance.core.lookahead import ASPECT, Reach, boxes_at, shaped
from appliance.core.tracking import Sighting, Track

sides = st.floats(1, 900)


@given(st.floats(-100, 2000), st.floats(-100, 2000), sides, sides)
def test_every_cover_holds_its_face_and_has_one_shape(x, y, width, height):
    face = Box(x, y, x + width, y + height)
    cover = shaped(face)
    assert cover.grown(1e-6, 1e-6).contains(face)
    assert cover.height == pytest.approx(ASPECT * cover.width)
    assert cover.centre == pytest.approx(face.centre)


@given(st.floats(0.2, 5), st.integers(0, 12), st.floats(-20, 20), st.floats(-20, 20))
def test_a_still_and_a_moving_face_wear_covers_of_one_shape(shape, frame, dx, dy):
    boxes = [Box(500, 500, 540, 500 + 40 * shape).moved(at * dx, at * dy) for at in range(3)]
    track = Track(1, 0, tuple(Sighting(3 + at, box, 0.9) for at, box in enumerate(boxes)), (dx, dy))
    face, cover = boxes_at(track, frame, Reach(10, 0.25))
    assert cover.contains(face)
    assert cover.height == pytest.approx(ASPECT * cover.width)

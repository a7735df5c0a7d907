"""What a tile tells of the shrunken picture's rough places is turned into the sharp place, for every face size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.geometry import Box
from appliance.core.slips import slip_between, slipped
from tests.scripted import at

boxes = st.builds(at, st.floats(-50, 2000), st.floats(-50, 2000), st.floats(4, 300))


def sides(box: Box) -> tuple[float, ...]:
    return (box.x0, box.y0, box.x1, box.y1)


@given(boxes, boxes)
def test_the_rough_box_becomes_the_sharp_one(rough, sharp):
    assert sides(slip_between(rough, sharp).of(rough)) == pytest.approx(sides(sharp), abs=1e-6)


@given(st.lists(st.tuples(boxes, boxes, boxes), min_size=1, max_size=8))
def test_many_slip_as_each_does(looks):
    slips = [slip_between(rough, sharp) for rough, sharp, _ in looks]
    moved = slipped(np.array([sides(there) for *_, there in looks]), slips)
    assert moved.tolist() == [list(sides(slip.of(there))) for slip, (*_, there) in zip(slips, looks)]


def test_a_face_that_has_come_nearer_slips_as_much_in_its_own_size():
    told = slip_between(at(100, 100, 20), at(106, 100, 20))
    assert sides(told.of(at(300, 200, 40))) == pytest.approx(sides(at(312, 200, 40)))

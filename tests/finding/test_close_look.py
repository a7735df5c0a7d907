"""A close look: where it looks, and what it tells of a face and of what only looks like one."""

import pytest

from appliance.core.turns import TURNS
from appliance.finding.close_look import around, close_score
from tests.finding.test_lying import SIZE, Eyes
from tests.finding.test_photo import frame_with
from tests.scripted import at, face


@pytest.mark.parametrize("turns", TURNS)
def test_a_turned_face_is_one_from_close_by_and_nothing_is_none(turns):
    box = at(100, 90, 30)
    frame = frame_with(*SIZE, (box, turns))
    assert close_score(Eyes(0.8), frame, face(box, 0.6), turns) == pytest.approx(0.8)
    assert close_score(Eyes(0.8), frame, face(at(240, 90, 30), 0.6), turns) == 0
    assert close_score(Eyes(0.8), frame_with(*SIZE), face(box, 0.6), turns) == 0


@pytest.mark.parametrize("place", [(-5, 40), (2, 2), (318, 190), (400, 90)])
@pytest.mark.parametrize("side", [4, 60, 500])
@pytest.mark.parametrize("canvas", [(320, 192), (192, 320)])
def test_a_close_look_lies_in_the_frame_and_holds_the_faces_middle(place, side, canvas):
    region = around(face(at(*place, side)), SIZE, canvas)
    assert not region.empty
    assert (region.x0 % 2, region.y0 % 2) == (0, 0)
    assert region.x0 >= 0
    assert region.y0 >= 0
    assert region.x1 <= SIZE[0]
    assert region.y1 <= SIZE[1]

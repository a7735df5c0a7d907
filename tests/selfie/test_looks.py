"""One face: which way it looks, and how clear it is."""

import cv2
import pytest

from appliance import selfie
from appliance.core.geometry import Box
from appliance.selfie import pick
from appliance.selfie.keeping import LOOKS_MOST
from appliance.selfie.looks import view
from tests.scripted import face
from tests.selfie.filmed import DETECTOR, EMBEDDER, FRONTAL, LEFT, RIGHT, film, look, stay, who


def count(clip, way):
    return sum(one.look.view == way for one in clip.picked)


def test_a_head_that_turns_gives_looks_of_every_side(tmp_path):
    pictures = [p for i in range(6) for p in stay("ann", 20, size=(FRONTAL, LEFT, RIGHT)[i % 3], seed=i)]
    clip = pick(film(tmp_path / "a.mp4", pictures), DETECTOR, EMBEDDER)
    assert clip.looked == pytest.approx(48, abs=2)
    assert 5 <= len(clip.picked) <= LOOKS_MOST
    assert all(count(clip, way) for way in selfie.VIEWS)
    assert who(clip.picked) == {"ann"}
    assert {one.look.crop.shape for one in clip.picked} == {(112, 112, 3)}
    assert not clip.cut_short
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"], "nothing of it is written anywhere"


def test_the_view_is_where_the_nose_points_even_when_the_head_is_tilted():
    marks = face(Box(0, 0, 100, 100)).landmarks
    for shift, told in ((0, "frontal"), (18, "right"), (-18, "left")):
        for degrees in (-40, 0, 40):
            nose = marks.copy()
            nose[2, 0] += shift
            turn = 0.0 if shift == 0 else 0.8
            tilted = cv2.transform(nose[None], cv2.getRotationMatrix2D((50, 50), degrees, 1.0))[0]
            assert view(tilted, turn) == told


def test_a_side_view_is_no_less_clear():
    assert look(0, 0.7, "left").clarity == pytest.approx(look(0, 0.7).clarity)

"""Who lies or hangs is found within a cover's reach, followed while he does, and costs nothing when nobody does."""

from dataclasses import replace

import numpy as np
import pytest

from appliance import assembly, config
from appliance.core.geometry import Box
from appliance.core.lookahead import Reach, is_face
from appliance.core.tracking import Tracker
from appliance.core.turns import TURNS
from appliance.finding import TilingFinder
from appliance.finding.lying import ASK_EVERY, ATTENDED_FRAMES, SURE_SCORE, WORTH, LyingFinder, asked
from tests.finding.test_photo import UprightEyes, frame_with
from tests.scripted import at, face

SIZE = (320, 192)
SOME_FRAMES = 20


class Eyes(UprightEyes):
    """Larger ones, that count how often they looked."""

    input_size = (320, 192)
    widest = 80

    def __init__(self, score: float = 0.9) -> None:
        super().__init__(score)
        self.looks = 0

    def detect(self, rgb):
        self.looks += 1
        return super().detect(rgb)


def finder_of(eyes, **how):
    return LyingFinder(eyes, TilingFinder(eyes, how.pop("tiles", 0), 40, **how))


@pytest.mark.parametrize("turns", TURNS)
@pytest.mark.parametrize("place", [(60, 60), (250, 60), (160, 130)])
def test_one_look_tells_the_turns_apart(turns, place):
    box = at(*place, 40)
    found = asked(Eyes(), frame_with(*SIZE, (box, turns)))
    assert [len(found[each]) for each in TURNS] == [each == turns for each in TURNS]
    assert found[turns][0].box.iou(box) > 0.6


@pytest.mark.parametrize("size", [(320, 192), (192, 320), (641, 361), (97, 1001)])
def test_all_turns_fit_side_by_side_whatever_the_frame(size):
    """Nothing raises, and what is found lies in the frame."""
    box = at(size[0] / 2, size[1] / 2, 60)
    for turns, faces in asked(Eyes(), frame_with(*size, (box, 2))).items():
        assert all(face.box.iou(box) > 0.5 for face in faces), turns


@pytest.mark.parametrize("turns", TURNS)
@pytest.mark.parametrize("in_turn", [False, True])
def test_who_comes_in_lying_is_found_in_time_and_then_in_every_whole_look(turns, in_turn):
    eyes = Eyes()
    finder = finder_of(eyes, tiles=1, in_turn=in_turn)
    empty, lying = frame_with(640, 384), frame_with(640, 384, (at(330, 200, 70), turns))
    for _ in range(3):
        assert finder.find(empty) == []
    found = [finder.find(lying) for _ in range(2 * ASK_EVERY)]
    first = next(n for n, faces in enumerate(found) if faces)
    assert first < ASK_EVERY <= assembly.REACH_FRAMES
    assert all(found[first :: 2 if in_turn else 1])


def test_nobody_who_lies_costs_one_look_in_eight():
    eyes = Eyes()
    finder = finder_of(eyes)
    for _ in range(4 * ASK_EVERY):
        finder.find(frame_with(*SIZE, (at(100, 90, 60), 0)))
    assert eyes.looks == 4 * ASK_EVERY + 4


def test_who_stands_up_is_looked_for_no_longer():
    eyes = Eyes()
    finder = finder_of(eyes)
    finder.find(frame_with(*SIZE, (at(100, 90, 60), 1)))
    for _ in range(ATTENDED_FRAMES + ASK_EVERY):
        finder.find(frame_with(*SIZE))
    eyes.looks = 0
    for _ in range(ASK_EVERY):
        finder.find(frame_with(*SIZE))
    assert eyes.looks == ASK_EVERY + 1


def test_a_new_shot_is_asked_at_once():
    finder = finder_of(Eyes())
    finder.find(frame_with(*SIZE))
    cut = replace(frame_with(*SIZE, (at(100, 90, 60), 3)), cut=True)
    assert len(finder.find(cut)) == 1


@pytest.mark.parametrize("score", [0.65, 0.85, 0.95])
def test_what_an_upright_face_looks_like_turned_is_nobody_else(score, monkeypatch):
    box = at(100, 90, 36)
    monkeypatch.setattr("appliance.finding.lying.asked", lambda *of: {2: [face(box, score)]})
    found = finder_of(Eyes(0.9)).find(frame_with(*SIZE, (box, 0)))
    assert [one.score for one in found] == [0.9]


def test_one_glance_at_something_like_a_face_covers_nothing_and_a_second_one_does():
    reach, tracker = Reach(10, 0.25), Tracker(30, 10)
    finder = finder_of(Eyes(SURE_SCORE + 0.02))
    frame = frame_with(*SIZE, (at(100, 90, 60), 1))
    taken = []
    for index in range(3):
        faces = finder.find(frame)
        assert [round(face.score, 3) for face in faces] == [round(WORTH * (SURE_SCORE + 0.02), 3)]
        tracker.follow(index, faces, cut=index == 0)
        taken.append(is_face(tracker.tracks[0], reach))
    assert taken == [False, True, True]


@pytest.mark.parametrize("turns", TURNS)
def test_the_staged_people_are_covered_when_the_whole_film_lies_on_its_side(photos, turns):
    from appliance.capture._stage import Stage
    from appliance.core.frames import Frame

    loaded = config.load()
    pipeline = assembly.film(loaded, assembly.detector(loaded), assembly.deciding_embedder(loaded)[0])
    stage = Stage(photos, 640, 360, 30)
    masked = []
    for index in range(SOME_FRAMES):
        upright = stage.frame(260 + index)
        planes = [np.ascontiguousarray(np.rot90(plane, turns)) for plane in (upright.y, upright.u, upright.v)]
        masked += pipeline.step(Frame(*planes, index, index / 30))
    masked += pipeline.flush()
    assert len(masked) == SOME_FRAMES
    bare = [
        (index, one.person)
        for index, frame in enumerate(masked)
        for one in stage.truth(260 + index)
        if one.visible > 0.8 and not _covered(one.box, frame, turns)
    ]
    assert bare == []


def _covered(box: Box, frame, turns) -> bool:
    """True when the middle of a face of the upright picture lies under a cover of the turned one."""
    x, y = box.centre
    x, y = {1: (y, 640 - x), 2: (640 - x, 360 - y), 3: (360 - y, x)}[turns]
    return any(rect.x0 < x < rect.x1 and rect.y0 < y < rect.y1 for rect in frame.covered)


def test_what_looks_like_a_turned_face_only_from_afar_is_none():
    """A hand: the close look, in which it is larger, does not take it for a face."""
    eyes = Eyes()
    eyes.widest = 40
    finder = finder_of(eyes)
    frame = frame_with(*SIZE, (at(100, 90, 60), 1))
    assert len(asked(eyes, frame)[3]) == 1 or len(asked(eyes, frame)[1]) == 1
    for _ in range(2 * ASK_EVERY):
        assert finder.find(frame) == []

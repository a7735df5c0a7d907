"""Every face is found once, small ones in the tiles, within one rotation."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.faces import Face
from appliance.core.frames import blank
from appliance.core.geometry import Box, Rect
from appliance.core.tiles import tile_grid
from appliance.core.tracks import SURE
from appliance.errors import ModelError
from appliance.finding import TilingFinder
from appliance.finding.doubles import DOUBLE_SCORE, merged
from appliance.finding.tiling import SEEN_WHOLE_PX, cut_off, seam
from tests.scripted import at, face


class Eyes:
    """A detector of white squares of at least 8 input pixels; remembers how often it looked."""

    input_size = (64, 48)

    def __init__(self):
        self.looks = 0

    def detect(self, rgb):
        import cv2

        self.looks += 1
        count, _, stats, _ = cv2.connectedComponentsWithStats((rgb[:, :, 0] > 128).astype(np.uint8))
        return [Face(Box(x, y, x + w, y + h), None, 0.9) for x, y, w, h, _ in stats[1:count] if w >= 8 and h >= 8]


def frame_with(*boxes: Box, width: int = 256, height: int = 192):
    frame = blank(width, height)
    for box in boxes:
        frame.y[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)] = 235
    return frame


def near(found: Face, wanted: Box) -> bool:
    return found.box.iou(wanted) > 0.6


def test_a_large_face_is_found_in_its_own_place():
    wanted = at(150, 90, 60)
    (found,) = TilingFinder(Eyes(), 0, 9).find(frame_with(wanted))
    assert near(found, wanted)


def test_a_small_face_is_found_within_one_rotation_wherever_it_stands():
    for x in range(16, 240, 23):
        for y in range(16, 180, 31):
            wanted = at(x, y, 14)
            finder = TilingFinder(Eyes(), 1, 40)
            frame = frame_with(wanted)
            finds = [finder.find(frame) for _ in range(40)]
            assert any(near(found, wanted) for faces in finds for found in faces), (x, y)


@given(
    st.sampled_from([(1280, 720), (1920, 1080), (1080, 1920), (2560, 1440), (3840, 2160), (2160, 3840), (1440, 1080)]),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0.3, 1),
)
def test_whoever_is_too_small_for_the_whole_picture_is_whole_in_some_tile(size, across, down, share):
    width, height = size
    px = share * SEEN_WHOLE_PX * max(width / 640, height / 384)
    small = face(Box(0, 0, px, px).moved(across * (width - px), down * (height - px)))
    tiles = tile_grid(width, height, (640, 384), 9, seam(size, (640, 384)))
    inside = [tile for tile in tiles if Box(*tile).contains(small.box)]
    assert any(not cut_off(small, tile, Rect(0, 0, width, height)) for tile in inside)


@pytest.mark.parametrize("size", [(16384, 270), (270, 16384), (8192, 4320)])
def test_tiles_of_a_picture_of_any_shape_are_no_wider_than_half_shared(size):
    tiles = tile_grid(*size, (640, 384), 9, seam(size, (640, 384)))
    assert 1 < len(tiles) <= 9
    assert max(tile.x1 for tile in tiles) == size[0]


@pytest.mark.parametrize(("width", "in_turn", "frames"), [(64, False, 1), (256, False, 36), (256, True, 72)])
def test_how_long_a_rotation_takes(width, in_turn, frames):
    finder = TilingFinder(Eyes(), 1, 40, in_turn=in_turn)
    finder.find(frame_with(width=width, height=width * 3 // 4))
    assert finder.turn_frames == frames


@pytest.mark.parametrize(("in_turn", "looks"), [(False, [2] * 6), (True, [1] * 6)])
def test_what_a_frame_costs(in_turn, looks):
    eyes = Eyes()
    finder = TilingFinder(eyes, 1, 40, in_turn=in_turn)
    counted = []
    for _ in range(6):
        eyes.looks = 0
        finder.find(frame_with())
        counted.append(eyes.looks)
    assert counted == looks


def test_in_turn_a_new_shot_is_seen_whole_at_once():
    wanted = at(150, 90, 60)
    finder = TilingFinder(Eyes(), 1, 40, in_turn=True)
    for index in range(9):
        found = finder.find(replace(frame_with(wanted), cut=index in (3, 4)))
        if index in (0, 3, 4):
            assert any(near(face, wanted) for face in found)


@pytest.mark.parametrize("every", [1, 2, 3, 4, 5, 6, 9, 12, 18])
def test_in_turn_shots_that_take_turns_as_well_see_every_tile(every):
    """Of two pictures in one film, each must see small faces anywhere, however quickly they change."""
    wanted = at(150, 90, 14)
    finder = TilingFinder(Eyes(), 1, 40, in_turn=True)
    finds = [0, 0]
    for index in range(80 * 4):
        cut, shot = index % every == 0, index // every % 2
        frame = replace(frame_with(wanted), cut=cut, shot=shot)
        finds[shot] += any(near(one, wanted) for one in finder.find(frame))
    assert min(finds) > 0


@pytest.mark.parametrize(("fps", "seen"), [(30, 6), (15, 6), (14, 12), (1, 12)])
def test_in_turn_frames_far_apart_in_time_are_each_seen_whole(fps, seen):
    wanted = at(150, 90, 60)
    finder = TilingFinder(Eyes(), 1, 40, in_turn=True)
    found = [finder.find(replace(frame_with(wanted), captured_at=index / fps)) for index in range(12)]
    assert sum(any(near(face, wanted) for face in faces) for faces in found) == seen


def test_in_turn_what_a_shot_missed_is_looked_at_once_when_it_ends():
    wanted = at(150, 90, 14)
    eyes = Eyes()
    finder = TilingFinder(eyes, 1, 40, in_turn=True)
    assert finder.rest() == []
    finder.find(replace(frame_with(wanted), cut=True))
    looks = eyes.looks
    assert any(near(face, wanted) for face in finder.rest())
    assert eyes.looks - looks == 35
    assert finder.rest() == []
    finder.find(replace(frame_with(wanted), shot=0))
    assert finder.rest() == []


def test_in_turn_who_was_seen_already_is_not_seen_late():
    finder = TilingFinder(Eyes(), 1, 40, in_turn=True)
    large = at(110, 90, 45)
    (found,) = finder.find(replace(frame_with(large), cut=True))
    assert near(found, large)
    assert not any(near(face, large) for face in finder.rest())


def test_in_turn_a_frame_of_which_only_a_tile_was_seen_is_seen_whole_when_asked_again():
    large = at(150, 90, 60)
    eyes = Eyes()
    finder = TilingFinder(eyes, 1, 40, in_turn=True)
    assert finder.again() == []
    finder.find(replace(frame_with(), cut=True))
    assert finder.again() == []
    assert not any(near(face, large) for face in finder.find(frame_with(large)))
    (again,) = finder.again()
    assert near(again, large)


def test_a_live_picture_is_not_looked_at_late():
    eyes = Eyes()
    finder = TilingFinder(eyes, 1, 40)
    finder.find(replace(frame_with(at(150, 90, 14)), cut=True))
    looks = eyes.looks
    assert [*finder.rest(), *finder.again()] == []
    assert eyes.looks == looks


def test_a_frame_no_larger_than_the_input_is_seen_whole_each_time():
    eyes = Eyes()
    finder = TilingFinder(eyes, 4, 40, in_turn=True)
    for _ in range(5):
        finder.find(frame_with(width=64, height=48))
    assert eyes.looks == 5


def test_of_two_detections_of_one_face_the_surer_stays():
    weak, sure, other = face(at(100, 100, 40), 0.5), face(at(104, 100, 42), 0.9), face(at(200, 100, 40), 0.4)
    assert merged([weak], [sure, other]) == [sure, other]
    assert merged([sure], [weak, other]) == [sure, other]


class Script:
    """A detector that finds what it is told."""

    input_size = (64, 48)

    def __init__(self, *faces):
        self.faces = faces

    def detect(self, rgb):
        return list(self.faces)


def test_a_tile_remembers_where_the_shrunken_picture_shows_the_face_it_beat():
    blurred, sharp = at(109, 100, 30), at(100, 104, 30)
    (one,) = merged([replace(face(blurred, 0.4), shrunken=blurred)], [face(sharp, 0.8)])
    assert (one.box, one.shrunken) == (sharp, blurred)


@pytest.mark.parametrize(("width", "rough"), [(64, False), (256, True)])
def test_only_what_is_shrunken_is_rough(width, rough):
    (one,) = TilingFinder(Eyes(), 1, 40).find(frame_with(at(32, 24, 40), width=width, height=width * 3 // 4))
    assert (one.shrunken is one.box) is rough


def test_a_detection_within_a_surer_face_is_worth_little_and_one_beside_it_is_not():
    sure, within, beside = face(at(30, 24, 20), 0.9), face(at(26, 20, 14), 0.7), face(at(46, 24, 18), 0.5)
    found = TilingFinder(Script(sure, within, beside), 0, 1).find(frame_with(width=64, height=48))
    assert [found_face.score for found_face in found] == [0.9, DOUBLE_SCORE, 0.5]


def test_five_of_them_make_a_face():
    assert 1 - (1 - DOUBLE_SCORE) ** 4 < SURE <= 1 - (1 - DOUBLE_SCORE) ** 5


def test_a_dark_picture_is_brightened_for_the_detector_and_a_light_one_left_as_it_is():
    seen = []

    class Watching(Script):
        def detect(self, rgb):
            seen.append(rgb.copy())
            return []

    dark, light = frame_with(width=64, height=48), frame_with(width=64, height=48)
    dark.y[:], light.y[:] = 40, 160
    untouched = dark.y.copy()
    for frame in (dark, light):
        TilingFinder(Watching(), 0, 1).find(frame)
    assert 50 < seen[0].mean() < 110
    assert abs(float(seen[1].mean()) - (160 - 16) * 1.164) < 3
    assert (dark.y == untouched).all()


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    "nonsense",
    [
        Face(Box(NAN, 0, 9, 9), None, 0.9), Face(Box(0, 0, INF, 9), None, 0.9), Face(Box(9, 0, 0, 9), None, 0.9),
        Face(Box(0, 5, 9, 5), None, 0.9), Face(Box(-1e9, 0, 9, 9), None, 0.9), Face(Box(0, 0, 9, 9), None, NAN),
        Face(Box(0, 0, 9, 9), None, 1.5), Face(Box(0, 0, 9, 9), np.full((5, 2), NAN, np.float32), 0.9),
    ],
)  # fmt: skip
def test_a_detector_that_answers_nonsense_is_not_believed(nonsense, monkeypatch):
    finder = TilingFinder(Eyes(), 0, 9)
    monkeypatch.setattr(Eyes, "detect", lambda self, rgb: [Face(Box(0, 0, 9, 9), None, 0.9), nonsense])
    with pytest.raises(ModelError, match="nonsense"):
        finder.find(frame_with())

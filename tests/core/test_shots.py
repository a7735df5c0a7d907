"""A shot goes on after a flash or a picture put in between; what looks otherwise, or comes too late, is another."""

from dataclasses import replace

import numpy as np
import pytest

from appliance.core.frames import Frame
from appliance.core.shots import RETURN_FRAMES, Shots
from tests.core.test_cuts import scene


def shots(*frames: Frame) -> list[int]:
    shots = Shots()
    return [shots.of(replace(frame, index=index)) for index, frame in enumerate(frames)]


def flash() -> Frame:
    """A photographer's flash into the camera: nearly all of it white."""
    frame = scene(1)
    return replace(frame, y=np.clip(frame.y.astype(int) * 2 + 120, 16, 235).astype(np.uint8))


def test_a_shot_is_named_by_the_frame_it_began_with():
    assert shots(scene(1), scene(1), scene(4), scene(4), scene(6)) == [0, 0, 2, 2, 4]


@pytest.mark.parametrize("between", [flash(), scene(4)], ids=["flash", "insert"])
def test_it_goes_on_after_what_came_between(between):
    assert shots(scene(1), between, scene(1), scene(1, noise=4), between, scene(1, shift=6)) == [0, 1, 0, 0, 1, 0]


@pytest.mark.parametrize(("away", "comes_back"), [(RETURN_FRAMES, True), (RETURN_FRAMES + 1, False)])
def test_whoever_is_away_too_long_does_not_come_back(away, comes_back):
    assert (shots(scene(1), *[scene(4)] * away, scene(1))[-1] == 0) is comes_back


def test_nothing_comes_back_over_a_break_of_the_source():
    """A camera that was lost may look elsewhere by now, or hours have passed."""
    assert shots(scene(1), replace(scene(4), cut=True), scene(1)) == [0, 1, 2]


def test_a_picture_of_another_size_is_another_shot():
    small = replace(scene(1), y=scene(1).y[::2, ::2])
    assert shots(scene(1), small, scene(1)) == [0, 1, 0]


def with_somebody(x: int | None, noise: float = 4) -> Frame:
    """The scene, and a bright face-sized patch in it."""
    frame = scene(1, noise=noise)
    if x is not None:
        frame.y[100:150, x : x + 50] = 220
        frame.y[110:140, x + 10 : x + 40] = 60
    return frame


@pytest.mark.parametrize(
    ("places", "blinked"),
    [((None, 300, None), True), ((300, None, 300), True), ((300, 304, 308), False), ((None, 300, 300), False)],
    ids=["one frame only", "gone in one", "walks by", "comes and stays"],
)
def test_what_one_frame_alone_shows_is_told_with_the_next(places, blinked):
    shots = Shots()
    told = []
    for index, x in enumerate((None, *places)):
        shots.of(replace(with_somebody(x), index=index))
        told.append(shots.blinked)
    assert told[-1] is blinked

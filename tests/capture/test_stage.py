"""The staged scene tells the truth about itself: who stands where is what is drawn there."""

import numpy as np
import pytest

from appliance import assembly, config
from appliance.capture._stage import LOOP_S, SCENE, Stage
from appliance.core.geometry import Box
from appliance.errors import CaptureError
from appliance.finding import TilingFinder
from appliance.options import Camera


@pytest.fixture(scope="module")
def stage(photos):
    return Stage(photos)


def test_a_frame_depends_on_its_index_alone(stage):
    first, again = stage.frame(200), stage.frame(200)
    assert np.array_equal(first.y, again.y)
    assert np.array_equal(first.u, again.u)
    again.y[:] = 0
    assert np.array_equal(first.y, stage.frame(200).y)


def test_faces_are_drawn_where_the_truth_says(stage):
    """Where somebody stands the picture differs from the empty room, and nowhere far from anybody."""
    room = Stage.__new__(Stage)
    room.__dict__ = {**stage.__dict__, "_scene": ()}
    for index in (0, 150, 333, 500):
        changed = np.abs(stage.frame(index).y.astype(int) - room.frame(index).y) > 6
        anywhere = np.zeros_like(changed)
        for present in stage.truth(index):
            face = present.box.pixels(stage.width, stage.height)
            assert changed[face.y0 : face.y1, face.x0 : face.x1].mean() > 0.7, present
        # Of somebody whose face is just outside, a shoulder may be in the picture.
        for present in stage._present(index):
            box = present.box
            reach = box.grown(1.4 * box.width, 0.9 * box.height).union(box.moved(0, box.height))
            near = reach.pixels(stage.width, stage.height)
            anywhere[near.y0 : near.y1, near.x0 : near.x1] = True
        assert not changed[~anywhere].any()


def test_the_detector_agrees_with_the_truth(stage):
    loaded = config.load()
    finder = TilingFinder(assembly.detector(loaded), 4, 9)
    wanted = found = 0
    for index in range(0, round(LOOP_S * stage.fps), 24):
        faces = finder.find(stage.frame(index))
        for present in stage.truth(index):
            if present.visible > 0.8 and present.box.height > 30:
                wanted += 1
                found += any(face.box.iou(present.box) > 0.35 for face in faces)
    assert wanted > 80
    assert found / wanted > 0.9


def test_everybody_comes_and_the_scene_has_what_it_promises(stage):
    seen, hidden, crossings = set(), 0, 0
    for index in range(0, round(LOOP_S * stage.fps), 6):
        truth = stage.truth(index)
        seen |= {present.person for present in truth}
        hidden += sum(present.visible < 0.5 for present in truth)
        crossings += sum(a.box.overlap(b.box) > 0 for a in truth for b in truth if a is not b)
    assert seen == {actor.person for actor in SCENE}
    assert hidden > 0
    assert crossings > 0


def test_any_even_size(photos):
    small = Stage(photos, 320, 180, 15.0)
    assert small.frame(30).y.shape == (180, 320)
    assert all(Box(-320, -180, 640, 360).contains(present.box) for present in small.truth(30))


def test_missing_photos_are_told(tmp_path):
    with pytest.raises(CaptureError, match=r"photo is missing; run \./install\.sh setup"):
        Stage(tmp_path)


def test_the_camera_of_the_scene_gives_the_newest_frame(photos, monkeypatch):
    import time

    from appliance import capture

    monkeypatch.setenv("MOFY_PHOTOS", str(photos))
    walk = capture.build("walk", Camera(width=320, height=180, fps=30))
    first = walk.read(1.0)
    assert first is not None
    time.sleep(0.4)
    later = walk.read(1.0)
    assert later is not None
    assert later.index - first.index >= 11
    assert walk.read(0.0) is None
    walk.close()
    walk.close()

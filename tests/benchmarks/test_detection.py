"""What is found, missed and false, and what a way of looking finds."""

from __future__ import annotations

import numpy as np
import pytest

from appliance import config
from appliance.core.faces import Face
from appliance.core.frames import blank
from appliance.core.geometry import Box
from tests.benchmarks.detection.counting import Labelled, Tally, match, size_class
from tests.benchmarks.detection.ways import WAYS
from tests.benchmarks.remembered import RememberedDetector


def face(x: float, y: float, side: float = 20, score: float = 0.9) -> Face:
    return Face(Box(x, y, x + side, y + side), None, score)


def test_widths_fall_into_their_classes():
    assert [size_class(width) for width in (0, 7.9, 8, 12, 19.9, 20, 40, 300)] == [0, 0, 1, 2, 2, 3, 4, 4]


def test_found_missed_and_false_boxes_are_told_apart():
    labels = [Labelled(Box(0, 0, 20, 20)), Labelled(Box(100, 0, 120, 20))]
    found, false = match([face(2, 2), face(0, 0, score=0.5), face(50, 50)], labels)
    assert found == {0}
    assert [(one.box.x0, one.box.y0) for one in false] == [(50, 50)]


def test_a_label_with_hair_is_found_by_the_face_within():
    with_hair = Box(0, 0, 40, 50)
    small = [Face(Box(10, 24, 30, 48), None, 0.9)]
    assert match(small, [Labelled(with_hair)])[0] == set()
    assert match(small, [Labelled(with_hair, hair=True)])[0] == {0}
    assert match([face(35, 0)], [Labelled(with_hair, hair=True)])[0] == set()


def test_a_tally_counts_by_width_at_640_and_leaves_out_who_does_not_count():
    tally = Tally()
    labels = [
        Labelled(Box(0, 0, 20, 20)),
        Labelled(Box(100, 0, 120, 20)),
        Labelled(Box(200, 0, 220, 20), counts=False),
    ]
    tally.add([face(0, 0), face(200, 0), face(0, 100, side=64)], labels, 1280, 640)
    assert (tally.there, tally.found) == ([0, 2, 0, 0, 0], [0, 1, 0, 0, 0])
    assert (tally.recall(1), tally.recall(0)) == (0.5, None)
    assert (tally.false_boxes, tally.false_area) == (1, 64 * 64 / (1280 * 640))


def test_a_tally_beside_another_pairs_the_same_faces():
    mine, theirs = Tally(), Tally()
    labels = [Labelled(Box(0, 0, 20, 20)), Labelled(Box(100, 0, 120, 20)), Labelled(Box(0, 100, 60, 160))]
    for tally, seen in ((mine, [face(0, 0), face(0, 100, 60)]), (theirs, [face(100, 0)])):
        for _ in range(2):
            tally.add(seen, labels, 1280, 640)
    assert [(mine.beside(theirs, at).share, mine.beside(theirs, at).pairs) for at in (1, 3, None)] == [
        (0.0, 4), (1.0, 2), (pytest.approx(1 / 3), 6),
    ]  # fmt: skip


class Eye:
    """A Detector that sees one face wherever it looks, unless the picture is turned: what is up is bright."""

    input_size = (640, 384)

    def __init__(self, score: float) -> None:
        self.score = score
        self.looked = 0

    def detect(self, rgb):
        self.looked += 1
        upright = rgb[:10].mean() >= max(rgb[-10:].mean(), rgb[:, :10].mean(), rgb[:, -10:].mean())
        return [face(100, 100, 50, self.score)] if upright else []


@pytest.mark.parametrize(("way", "sees_weak"), [("one pass", 1), ("photo", 0), ("live window", 1), ("film window", 1)])
def test_what_is_weak_is_a_face_where_it_is_seen_again(way, sees_weak):
    picture = blank(640, 384)
    picture.y[:192] = 200
    assert len(WAYS[way](Eye(0.38), picture, config.load())) == sees_weak
    (sure,) = WAYS[way](Eye(0.9), picture, config.load())
    assert sure.box.iou(Box(100, 100, 150, 150)) > 0.99


def test_one_memory_serves_several_thresholds():
    eye = Eye(0.4)
    memory = RememberedDetector(eye)
    picture = np.zeros((384, 640, 3), np.uint8)
    assert [len(memory.at(threshold).detect(picture)) for threshold in (0.3, 0.5, 0.4)] == [1, 0, 1]
    assert eye.looked == 1

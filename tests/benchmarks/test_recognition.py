"""Who is shown by the product's decision, and how trials are dealt."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from appliance.core.faces import Face
from appliance.core.geometry import Box
from appliance.core.identity import PHOTO, STRICT, Levels, Person, unit
from appliance.core.tracks import Sighting, Track
from appliance.enrolment import Models
from appliance.recognition import Look
from appliance.store.people import Template
from tests.benchmarks.recognition import people
from tests.benchmarks.recognition.people import labelled
from tests.benchmarks.recognition.sets import _scenes
from tests.benchmarks.recognition.trials import Trial, alone, beside, chunks, outcome, together
from tests.benchmarks.remembered import RememberedEmbedder
from tests.benchmarks.test_detection import Eye, face


class Reader:
    """An Embedder that reads from the first pixel who it is: a direction of its own for each."""

    def __init__(self) -> None:
        self.asked = 0

    def embed(self, crops):
        self.asked += len(crops)
        return np.stack([self.direction(int(crop[0, 0, 0]), int(crop[0, 0, 1])) for crop in crops])

    @staticmethod
    def direction(who: int, shade: int):
        """Photos of one person are alike by 0.7."""
        own = unit(np.random.default_rng(who).normal(size=128).astype(np.float32))
        other = unit(np.random.default_rng(1000 * who + shade + 7).normal(size=128).astype(np.float32))
        return unit(own + np.float32(0.65) * other)


def looks(who: int, count: int, first: int = 20) -> list[Look]:
    crops = np.zeros((count, 112, 112, 3), np.uint8)
    crops[:, 0, 0, 0], crops[:, 0, 0, 1] = who, np.arange(first, first + count)
    track = Track(0, 0, (Sighting(0, Box(0, 0, 50, 50), 0.9),))
    return [Look(track, 0, crop, 0.9) for crop in crops]


def enrolled(who: int, templates: int) -> Person:
    return Person(str(who), str(who), np.stack([Reader.direction(who, shade) for shade in range(templates)]))


def test_the_enrolled_is_shown_and_a_stranger_is_not():
    himself = alone(enrolled(1, 5), "1", looks(1, 5), Levels(), Reader())
    stranger = alone(enrolled(1, 5), "2", looks(2, 5), Levels(), Reader())
    assert (himself.shown, himself.same) == (True, True)
    assert (stranger.shown, stranger.same) == (False, False)
    assert himself.similarity > 0.8 > 0.3 > stranger.similarity


def test_too_few_looks_show_nobody_but_in_a_photo():
    assert not alone(enrolled(1, 5), "1", looks(1, 2), Levels(), Reader()).shown
    assert alone(enrolled(1, 5), "1", looks(1, 1), PHOTO, Reader()).shown


def test_faces_side_by_side_are_each_tried():
    scene = [("1", looks(1, 5)), ("2", looks(2, 5)), ("3", looks(3, 5))]
    trials = list(together([enrolled(1, 5)], scene, Levels(), Reader()))
    assert [(trial.seen, trial.shown) for trial in trials] == [("1", True), ("2", False), ("3", False)]
    named = list(together([enrolled(1, 5), enrolled(2, 5)], scene, Levels(), Reader()))
    assert [trial.seen for trial in named if trial.same and trial.shown] == ["1", "2"]
    assert not any(trial.shown for trial in named if not trial.same)


def test_an_outcome_counts_both_sides_and_knows_no_points_without_similarities():
    trials = [Trial("a", "a", True, 0.9), Trial("a", "a", False, 0.2)]
    trials += [Trial("a", str(number), number == 0, 0.3) for number in range(100)]
    found = outcome(trials)
    assert (found.true_accepts.share, found.false_accepts.share) == (0.5, 0.01)
    assert found.points[0] is not None
    assert found.points[0][0] == 0.5
    assert found.points[1] is None
    assert outcome([replace(trial, similarity=math.nan) for trial in trials]).points == (None, None, None)


def test_trials_are_paired_in_order_where_both_lists_have_as_many_of_the_same_two():
    def trials(*shown: bool, seen: str = "a") -> list[Trial]:
        return [Trial("a", seen, one, 0.5) for one in shown]

    mine = trials(True, False) + trials(True, seen="b") + trials(True, True, seen="c")
    theirs = trials(False, False) + trials(False, seen="b") + trials(False, seen="c")
    shown, passed = (beside(mine, theirs, same=same) for same in (True, False))
    assert (shown.share, shown.pairs) == (0.5, 2)
    assert (passed.share, passed.pairs) == (1.0, 1)


def test_the_strict_witness_compares_what_both_networks_say_with_templates_that_both_saw(monkeypatch):
    class Second:
        def embed(self, crops):
            return np.tile(np.float32([0, 1]), (len(crops), 1))

    monkeypatch.setattr(people, "SFace", Second)
    strict = people.witness(Models(Eye(0.9), Flat(), "flat"), strict=True)
    crop = np.zeros((112, 112, 3), np.uint8)
    template = Template("flat", Flat().embed(crop[None])[0], crop, 1.0, 0.0)
    assert strict.levels == STRICT
    assert strict.embedding(template) @ strict.embedder.embed(crop[None])[0] == pytest.approx(1.0)
    plain = people.witness(Models(Eye(0.9), Flat(), "flat"))
    assert plain.embedding(template) is template.embedding


class Flat:
    """An Embedder to whom all faces are one."""

    def embed(self, crops):
        return np.tile(np.float32([1, 0, 0]), (len(crops), 1))


def test_looks_are_dealt_in_whole_pieces_and_scenes_hold_everybody_left():
    own = looks(1, 12)
    assert chunks(own, 5, 9) == [own[:5], own[5:10]]
    assert chunks(own, 5, 1) == [own[:5]]
    scenes = _scenes({"a": own, "b": looks(2, 5), "c": looks(3, 11)}, 5)
    assert [[name for name, _ in scene] for scene in scenes] == [["a", "b", "c"], ["a", "c"]]


def test_a_label_takes_the_face_within_it():
    label = Box(0, 0, 40, 50)
    inside, beside = Face(Box(8, 15, 34, 48), None, 0.9), face(60, 10)
    assert labelled([beside, inside], label) is inside
    assert labelled([beside], label) is None


def test_an_embedder_is_asked_once_for_each_crop():
    reader = Reader()
    memory = RememberedEmbedder(reader)
    crops = np.stack([look.crop for look in looks(1, 3)])
    np.testing.assert_array_equal(memory.embed(crops), memory.embed(crops))
    assert reader.asked == 3

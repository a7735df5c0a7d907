"""The benchmarks' arithmetic: rates and their bounds, what is found, who is shown, what is guessed."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import config
from appliance.core.faces import Face
from appliance.core.frames import Frame, blank, from_rgb
from appliance.core.geometry import Box
from appliance.core.identity import PHOTO, STRICT, Levels, Person, unit
from appliance.core.tracks import Sighting, Track
from appliance.enrolment import Models
from appliance.masks import MaskOptions, blur, solid
from appliance.recognition import Look
from appliance.store.people import Template
from tests.benchmarks import setting
from tests.benchmarks.attack.attackers import around, colour, hidden, nearness, shape, size
from tests.benchmarks.attack.guessing import guesses
from tests.benchmarks.attack.masking import averaged, covered, noise
from tests.benchmarks.attack.subjects import Picture, usual_landmarks
from tests.benchmarks.detection.counting import Labelled, Tally, match, size_class
from tests.benchmarks.detection.sets import Scene
from tests.benchmarks.detection.ways import WAYS
from tests.benchmarks.int8.__main__ import fitted, large
from tests.benchmarks.int8.onnx_file import OnnxFile
from tests.benchmarks.pairs import paired, told
from tests.benchmarks.rates import Rate, grouped, operating_point, percent, rate, wilson
from tests.benchmarks.recognition import people
from tests.benchmarks.recognition.people import labelled
from tests.benchmarks.recognition.sets import _scenes
from tests.benchmarks.recognition.trials import Trial, alone, beside, chunks, outcome, together
from tests.benchmarks.remembered import RememberedDetector, RememberedEmbedder
from tests.conftest import CHECKOUT

# Int8


def test_a_picture_lies_in_the_inputs_corner_and_its_labels_with_it():
    grey = from_rgb(np.full((721, 1281, 3), 200, np.uint8))
    scene = Scene(grey, (Labelled(Box(640, 360, 1280, 720)),), ("",))
    picture, (label,) = fitted(scene, (320, 192))
    assert picture.shape == (192, 320, 3)
    assert (picture[:180] > 100).all()
    assert not picture[180:].any()
    assert label.box == Box(160, 90, 320, 180)


def test_the_smallest_faces_do_not_count_as_all():
    assert large(Tally(there=[9, 2, 0, 1, 1], found=[0, 1, 0, 1, 1])) == 0.75


def test_without_onnx_runtime_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(SystemExit, match="pip install onnxruntime"):
        OnnxFile(tmp_path / "any.onnx")


# Rates


def test_wilsons_interval_is_the_textbooks():
    assert wilson(0, 100) == pytest.approx((0.0, 0.0370), abs=1e-4)
    assert wilson(50, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)
    assert wilson(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.integers(0, 500), st.integers(1, 500))
def test_bounds_hold_the_share_and_narrow_with_more_trials(hits, trials):
    hits = min(hits, trials)
    few, many = rate(hits, trials), rate(10 * hits, 10 * trials)
    assert 0 <= few.low <= few.share + 1e-12 <= few.high + 2e-12 <= 1 + 3e-12
    assert many.high - many.low < few.high - few.low
    assert few.holds(few.share) or few.share in (0, 1)


def test_trials_that_agree_within_groups_are_worth_as_much_as_there_are_groups():
    apart = grouped({group: [group % 2 == 0] * 50 for group in range(20)})
    mixed = grouped({group: [True, False] * 25 for group in range(20)})
    assert (apart.share, apart.trials) == (mixed.share, mixed.trials) == (0.5, 1000)
    assert (mixed.low, mixed.high) == wilson(500, 1000)
    assert (apart.low, apart.high) == pytest.approx(wilson(9.5, 19), abs=0.01)


def test_without_any_trial_nothing_is_known():
    assert percent(grouped({})) == "-"
    assert math.isnan(rate(0, 0).share)
    assert percent(Rate(1, 4, 0.1, 0.6)) == "25.0 (10.0 to 60.0)"


def test_the_operating_point_lets_just_so_many_strangers_pass():
    strangers = np.arange(1000) / 1000
    same = np.array([0.5, 0.9889, 0.9901, 0.9999])
    share, threshold = operating_point(same, strangers, 0.01)
    assert (strangers >= threshold).sum() == 10
    assert share == 0.5
    assert operating_point(same, strangers, 1e-4) is None
    assert operating_point(np.array([]), strangers, 0.01) is None


@given(st.lists(st.floats(-1, 1), min_size=100, max_size=200))
def test_never_more_strangers_pass_than_were_asked_for(scores):
    strangers = np.array(scores)
    _, threshold = operating_point(np.ones(1), strangers, 0.01)
    assert (strangers >= threshold).mean() <= 0.01


# Pairs


def test_pairs_that_differ_are_told_from_pairs_that_agree():
    alike = paired({"": [(True, True)] * 5000})
    assert (alike.share, told(alike)) == (0.0, "+0.00 (-0.04 to +0.04) within")
    lost = paired({"": [(True, False)] * 30 + [(True, True)] * 970})
    assert lost.share == pytest.approx(-0.03)
    assert told(lost).endswith("beyond")
    assert told(lost, more_is_better=False).endswith("within")
    few = paired({"": [(True, True)] * 20})
    assert told(few).endswith("unresolved")
    assert told(paired({})) == "-"


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60), st.integers(1, 8))
def test_bounds_of_pairs_hold_the_difference_and_turn_round_with_the_pairs(pairs, groups):
    dealt = {group: pairs[group::groups] for group in range(groups)}
    one, other = paired(dealt), paired({key: [(b, a) for a, b in group] for key, group in dealt.items()})
    assert one.low <= one.share + 0.03 <= one.high + 0.06
    assert (one.share, one.low, one.high) == pytest.approx((-other.share, -other.high, -other.low))
    assert one.high - one.low >= paired({"": pairs}).high - paired({"": pairs}).low - 1e-9


def test_pairs_that_err_together_are_worth_as_much_as_there_are_groups():
    apart = paired({group: [(True, group % 4 != 0)] * 50 for group in range(20)})
    mixed = paired({group: [(True, at % 4 != 0) for at in range(50)] for group in range(20)})
    assert apart.high - apart.low > 5 * (mixed.high - mixed.low)


# Detection


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


# Recognition


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


# Attack


def picture(seed: int = 0, level: int = 120) -> Picture:
    dice = np.random.default_rng(seed)
    planes = [dice.integers(level - 40, level + 40, shape).astype(np.uint8) for shape in ((80, 80), (40, 40), (40, 40))]
    landmarks = np.array([[30, 30], [50, 30], [40, 40], [32, 50], [48, 50]], np.float32)
    return Picture(Frame(*planes, 0, 0.0), Face(Box(24, 20, 56, 60), landmarks, 0.9), Box(20, 10, 60, 70))


def test_guesses_know_all_nothing_and_chance():
    assert guesses(np.eye(50)).first.share == 1
    blind = guesses(np.zeros((50, 50)))
    assert (blind.first.share, blind.tenth.share) == pytest.approx((1 / 50, 0.1))
    always_the_same = guesses(np.tile(np.arange(50.0), (50, 1)))
    assert (always_the_same.first.share, always_the_same.tenth.share) == pytest.approx((1 / 50, 0.1))
    assert guesses(np.eye(50)).tells
    assert not blind.tells
    assert guesses(-np.eye(50)).first.share == 0


def test_guesses_of_who_knows_nothing_seldom_tell():
    dice = np.random.default_rng(3)
    told = sum(guesses(dice.normal(size=(200, 200))).tells for _ in range(100))
    assert told <= 15


def test_a_covered_picture_is_a_copy():
    one = picture()
    before = one.frame.y.copy()
    left = covered(one, solid.build(MaskOptions()), 3)
    np.testing.assert_array_equal(one.frame.y, before)
    assert len(np.unique(left.y[10:70, 20:60])) == 1
    np.testing.assert_array_equal(left.y[:10], before[:10])


def test_averaging_brings_noise_down_and_nothing_back_from_under_a_solid_cover():
    one, grain = picture(), noise(160)
    single = averaged(one, solid.build(MaskOptions()), 3, grain, frames=1)
    many = averaged(one, solid.build(MaskOptions()), 3, grain)
    outside = [np.abs(frame.y[:10].astype(int) - one.frame.y[:10]).mean() for frame in (single, many)]
    assert outside[1] < outside[0] / 3
    assert len(np.unique(many.y[10:70, 20:60])) == 1


def test_the_colour_meter_finds_a_blurred_face_by_its_light():
    people = [picture(seed, 60 + 15 * seed) for seed in range(8)]
    usual = usual_landmarks(people)
    mask = blur.build(MaskOptions())
    probes = [colour(hidden(one, covered(one, mask, 1), usual)) for one in people]
    gallery = [colour(hidden(one, one.frame, usual)) for one in people]
    assert guesses(nearness(probes, gallery)).first.share == 1


def test_what_stays_in_the_picture_is_read_from_outside_the_cover_alone():
    one = picture()
    left = hidden(one, covered(one, solid.build(MaskOptions()), 1), usual_landmarks([one]))
    clear = hidden(one, one.frame, usual_landmarks([one]))
    for of in (around, shape, size):
        np.testing.assert_array_equal(of(left), of(clear))
    assert np.abs(colour(left) - colour(clear)).max() > 1
    assert float(shape(left)[0]) == pytest.approx(math.log(40 / 60))
    ring = one.frame.y[2:78, 12:68].astype(float).sum() - one.frame.y[10:70, 20:60].astype(float).sum()
    assert float(around(left)[0]) == pytest.approx(ring / (76 * 56 - 60 * 40), abs=0.01)


def test_usual_landmarks_lie_where_they_lay():
    one = picture()
    assert one.face.landmarks is not None
    np.testing.assert_allclose(hidden(one, one.frame, usual_landmarks([one])).landmarks, one.face.landmarks, atol=1e-4)


# The commands


def test_a_command_is_told_without_this_machines_folders(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["x", "--data", "/some/where", "--people", "5", "--out", "/else/where.md"])
    assert setting.command("attack") == "python -m tests.benchmarks.attack --data FOLDER --people 5 --out FOLDER"


@pytest.mark.parametrize("name", ["detection", "recognition", "attack"])
def test_without_data_it_says_so_and_writes_nothing(name, tmp_path):
    page = tmp_path / "page.md"
    command = [sys.executable, "-m", f"tests.benchmarks.{name}", "--data", tmp_path, "--out", page]
    run = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr.startswith("not measured: ")
    assert len(run.stderr.splitlines()) == 1
    assert not page.exists()

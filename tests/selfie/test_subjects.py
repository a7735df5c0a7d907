"""Whose clip it is."""

from appliance.selfie import pick
from tests.painted import scene
from tests.selfie.filmed import DETECTOR, EMBEDDER, FRONTAL, film, refusal, stay, who


def test_two_alike_in_size_need_a_choice_and_it_counts_from_the_left(tmp_path):
    pair = [scene(("ann", 60 + i, FRONTAL), ("ben", 400 - i, FRONTAL)) for i in range(25)]
    path = film(tmp_path / "a.mp4", pair)
    assert "shows 2 faces and none is clearly the largest; choose with --face 1 (leftmost) to --face 2" in refusal(path)
    assert who(pick(path, DETECTOR, EMBEDDER, 1).picked) == {"ann"}
    assert who(pick(path, DETECTOR, EMBEDDER, 2).picked) == {"ben"}
    for wrong in (3, 99):
        assert f"there is no face {wrong} from the left" in refusal(path, wrong)


def test_twins_side_by_side_are_two_however_alike(tmp_path):
    twins = [scene(("ann", 60, FRONTAL), ("ann", 400, FRONTAL)) for _ in range(25)]
    assert "shows 2 faces" in refusal(film(tmp_path / "a.mp4", twins))


def test_a_choice_counts_the_faces_that_the_refusal_counted(tmp_path):
    """A small one on the left counts when it is asked for, so it counts when it is told."""
    three = [scene(("cho", 10, (72, 90)), ("ann", 120, FRONTAL), ("ben", 400, FRONTAL)) for _ in range(25)]
    path = film(tmp_path / "a.mp4", three)
    assert "shows 3 faces" in refusal(path)
    assert [who(pick(path, DETECTOR, EMBEDDER, n).picked) for n in (1, 2, 3)] == [{"cho"}, {"ann"}, {"ben"}]


def test_who_is_clearly_larger_or_longer_there_is_meant(tmp_path):
    behind = [scene(("ann", 60, FRONTAL), ("ben", 500, (72, 90))) for _ in range(25)]
    assert who(pick(film(tmp_path / "a.mp4", behind), DETECTOR, EMBEDDER).picked) == {"ann"}
    assert who(pick(tmp_path / "a.mp4", DETECTOR, EMBEDDER, 2).picked) == {"ben"}, "the smaller one can be chosen"
    passing = stay("ann", 40, left=60) + [scene(("ann", 60, FRONTAL), ("ben", 400, FRONTAL)) for _ in range(12)]
    assert who(pick(film(tmp_path / "b.mp4", passing), DETECTOR, EMBEDDER).picked) == {"ann"}


def test_who_goes_and_comes_back_elsewhere_is_one_person(tmp_path):
    pictures = stay("ann", 25, left=60) + stay("ann", 40, left=-500) + stay("ann", 25, left=420, seed=3)
    clip = pick(film(tmp_path / "a.mp4", pictures), DETECTOR, EMBEDDER)
    assert who(clip.picked) == {"ann"}
    numbers = [one.look.number for one in clip.picked]
    assert min(numbers) < 12
    assert max(numbers) > 24


def test_two_people_one_after_the_other_are_refused_whatever_is_chosen(tmp_path):
    path = film(tmp_path / "a.mp4", stay("ann", 25, left=40) + stay("ben", 25, left=440, light=60))
    for choice in (None, 1, 2):
        assert "different people one after the other" in refusal(path, choice)


def test_a_face_that_takes_anothers_place_is_noticed(tmp_path):
    """The tracker follows a place; no cut parts the two."""
    path = film(tmp_path / "a.mp4", stay("ann", 25) + stay("ben", 25))
    assert "different people" in refusal(path)

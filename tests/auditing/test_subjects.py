"""Following faces through the original: support, gaps, cuts, rivals and changes of person."""

import numpy as np
import pytest

from appliance.auditing.subjects import GAP, NEAR, Follower, Look
from appliance.core.faces import Face
from appliance.core.frames import blank
from appliance.core.geometry import Box

LANDMARKS = np.array([[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]], np.float32)


def at(x: float, score: float = 0.9, size: float = 50.0) -> Face:
    return Face(Box(x, 100, x + size, 100 + size), LANDMARKS, score)


def followed(frames, every=1, brightness=lambda index: 60):
    """Subjects of {index: faces}."""
    follower = Follower(every)
    for index, faces in sorted(frames.items()):
        frame = blank(640, 360, index)
        frame.y[:] = brightness(index)
        follower.follow(frame, index, faces)
    return follower.subjects()


def test_a_moving_face_is_one_subject_with_all_its_frames():
    (subject,) = followed({index: [at(10 + 6 * index)] for index in range(20)})
    assert [one.frame for one in subject.sightings] == list(range(20))
    assert subject.sightings[7].box.x0 == pytest.approx(52)


@pytest.mark.parametrize("frames", [[3], [3, 4], [3, 5, 7]])
def test_without_three_frames_on_end_it_is_no_face(frames):
    assert followed({index: [at(50)] if index in frames else [] for index in range(12)}) == []


def test_a_face_that_was_never_sure_is_none():
    assert followed({index: [at(50, 0.45)] for index in range(10)}) == []


def test_weak_sightings_count_near_a_sure_one_only():
    (subject,) = followed({index: [at(50, 0.9 if index < 4 else 0.4)] for index in range(40)})
    assert subject.sightings[-1].frame == 3 + NEAR


def test_a_gap_is_filled_on_the_straight_way():
    missing = range(6, 6 + GAP - 1)
    (subject,) = followed({index: [] if index in missing else [at(10 + 4 * index)] for index in range(20)})
    assert [one.frame for one in subject.sightings] == list(range(20))
    filled = [one for one in subject.sightings if one.frame in missing]
    assert [one.score for one in filled] == [0.0] * len(filled)
    assert [one.box.x0 for one in filled] == pytest.approx([10 + 4 * index for index in missing])


def test_after_a_longer_gap_it_is_another_subject():
    missing = range(6, 6 + GAP + 2)
    subjects = followed({index: [] if index in missing else [at(50)] for index in range(24)})
    assert [(s.sightings[0].frame, s.sightings[-1].frame) for s in subjects] == [(0, 5), (missing[-1] + 1, 23)]


def test_a_cut_ends_every_stay():
    subjects = followed({index: [at(50)] for index in range(12)}, brightness=lambda index: 60 if index < 6 else 160)
    assert [s.sightings[0].frame for s in subjects] == [0, 6]


def test_two_who_meet_are_not_mistaken_for_each_other():
    """Where both could be either, the stays end: a name is not carried through a crossing."""
    subjects = followed({i: [at(100 + 8 * i), at(260 - 8 * i)] if abs(i - 10) > 1 else [at(180)] for i in range(21)})
    for subject in subjects:
        steps = np.diff([one.box.x0 for one in subject.sightings])
        assert (steps >= -1).all() or (steps <= 1).all()


def test_every_nth_frame_counts_as_the_next_one():
    (subject,) = followed({index: [at(10 + 2 * index)] for index in range(0, 60, 5)}, every=5)
    assert [one.frame for one in subject.sightings] == list(range(0, 60, 5))


def look(frame: int, direction: int) -> Look:
    return Look(frame, np.eye(4, dtype=np.float32)[direction], good=True)


def test_a_stay_is_divided_where_the_person_changes():
    follower = Follower()
    for index in range(20):
        (stay,) = follower.follow(blank(640, 360, index), index, [at(50)])
        if index % 5 == 0:
            stay.looks.append(look(index, 0 if index < 10 else 1))
    first, second = follower.subjects()
    assert first.sightings[-1].frame + 1 == second.sightings[0].frame
    assert 5 < second.sightings[0].frame <= 10
    assert {int(one.embedding.argmax()) for one in first.looks} == {0}
    assert {int(one.embedding.argmax()) for one in second.looks} == {1}

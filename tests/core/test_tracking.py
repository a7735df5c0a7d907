"""One face, one track: through gaps, past one another, never an id twice."""

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.core.tracking import Tracker
from tests.scripted import at, face


def follow(tracker: Tracker, frame: int, *boxes, cut: bool = False, score: float = 0.9) -> None:
    tracker.follow(frame, [face(box, score) for box in boxes], cut)


def test_a_walker_keeps_his_id_through_a_gap_as_long_as_the_coast():
    tracker = Tracker(memory=40, coast=10)
    for frame in range(40):
        boxes = [] if 12 <= frame < 22 else [at(50 + 4 * frame, 100, 50)]
        follow(tracker, frame, *boxes)
    assert {track.id for track in tracker.tracks} == {1}


def test_who_comes_back_later_is_somebody_new():
    tracker = Tracker(memory=60, coast=10)
    for frame in range(50):
        follow(tracker, frame, *([] if 10 <= frame < 30 else [at(100, 100, 50)]))
    assert sorted(track.id for track in tracker.tracks) == [1, 2]


def test_a_cut_ends_every_track_and_ids_are_not_used_again():
    tracker = Tracker(memory=30, coast=10)
    for frame in range(20):
        follow(tracker, frame, at(100, 100, 50), at(200, 100, 50), cut=frame == 10)
    assert [(track.id, track.ended_at, track.shot) for track in tracker.tracks] == [
        (1, 10, 0), (2, 10, 0), (3, None, 10), (4, None, 10),
    ]  # fmt: skip


def test_two_who_pass_each_other_keep_their_ways_and_lose_their_evidence():
    tracker = Tracker(memory=60, coast=10)
    for frame in range(40):
        follow(tracker, frame, at(60 + 5 * frame, 100, 40), at(260 - 5 * frame, 104, 40))
        if frame == 5:
            runs = {track.id: track.evidence.run for track in tracker.tracks}
    ends = {track.id: track.last.box.centre[0] for track in tracker.tracks}
    assert len(ends) == 2
    assert ends[1] > 200
    assert ends[2] < 120
    assert all(track.evidence.run > runs[track.id] for track in tracker.tracks)


def test_a_jump_and_a_long_gap_start_the_evidence_anew():
    tracker = Tracker(memory=60, coast=10)
    for frame in range(10):
        follow(tracker, frame, at(100, 100, 50))
    assert tracker.tracks[0].evidence.run == 0
    follow(tracker, 10, at(135, 100, 50))
    assert tracker.tracks[0].evidence.run == 1
    for frame in range(11, 18):
        follow(tracker, frame)
    follow(tracker, 18, at(136, 100, 50))
    assert [track.id for track in tracker.tracks] == [1]
    assert tracker.tracks[0].evidence.run == 2


def test_a_face_of_another_size_is_another_face():
    tracker = Tracker(memory=60, coast=10)
    follow(tracker, 0, at(100, 100, 60))
    follow(tracker, 1, at(100, 100, 20))
    assert len(tracker.tracks) == 2


def test_tracks_are_forgotten_when_no_frame_needs_them():
    tracker = Tracker(memory=15, coast=5)
    follow(tracker, 0, at(100, 100, 50))
    for frame in range(1, 16):
        follow(tracker, frame)
    assert len(tracker.tracks) == 1
    follow(tracker, 16)
    assert tracker.tracks == ()


def test_a_long_track_does_not_grow_without_end():
    tracker = Tracker(memory=20, coast=5)
    for frame in range(500):
        follow(tracker, frame, at(100, 100, 50))
    assert len(tracker.tracks[0].sightings) <= 23


places = st.tuples(st.floats(0, 300), st.floats(0, 200), st.floats(10, 80))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(places, max_size=6), min_size=1, max_size=25), st.sets(st.integers(0, 24)))
def test_whatever_comes_each_face_is_in_exactly_one_track(frames, cuts):
    tracker = Tracker(memory=50, coast=8)
    for index, boxes in enumerate(frames):
        follow(tracker, index, *[at(*place) for place in boxes], cut=index in cuts)
        now = [track for track in tracker.tracks if track.last.frame == index]
        assert len(now) == len(boxes)
        assert all(track.ended_at is None for track in now)
        ids = [track.id for track in tracker.tracks]
        assert len(set(ids)) == len(ids)
        for track in tracker.tracks:
            order = [sighting.frame for sighting in track.sightings]
            assert order == sorted(set(order))
            assert order[0] >= track.shot

"""One face, one track: through gaps, past one another, never an id twice."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.core.faces import Face
from appliance.core.geometry import Box
from appliance.core.geometry import between as between_boxes
from appliance.core.identity import Verification
from appliance.core.lookahead import Reach, awaiting, placed
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


def test_a_shot_that_comes_back_brings_its_tracks_back_and_no_evidence():
    tracker = Tracker(memory=30, coast=10)
    for frame in range(6):
        follow(tracker, frame, at(100, 100, 50))
        known(tracker)
    tracker.follow(6, [], True, shot=6)
    assert [track.ended_at for track in tracker.tracks] == [6]
    tracker.follow(7, [face(at(104, 100, 50)), face(at(250, 100, 50))], True, shot=0)
    tracker.follow(8, [face(at(104, 100, 50)), face(at(250, 100, 50))], False)
    back, new = tracker.tracks
    assert (back.id, back.shot, back.ended_at, back.last.frame) == (1, 0, None, 8)
    assert back.evidence.latest is None
    assert (new.shot, new.sightings[0].frame) == (0, 7)
    covered = placed(tracker.tracks, 6, Reach(10, 0.25))
    assert {place.track for place in covered} == {back.id, new.id}
    assert not any(place.verdict.shows for place in covered)


def test_who_is_found_late_goes_on_or_begins_as_if_he_had_been_found_in_time():
    tracker = Tracker(memory=30, coast=10)
    follow(tracker, 0, at(60, 100, 40), at(160, 100, 40))
    follow(tracker, 1, at(160, 100, 40))
    tracker.complete(1, [face(at(62, 100, 40)), face(at(260, 100, 40))])
    follow(tracker, 2, cut=True)
    found = {track.id: ([one.frame for one in track.sightings], track.ended_at) for track in tracker.tracks}
    assert found == {1: ([0, 1], 2), 2: ([0, 1], 2), 3: ([1], 2)}
    before = tracker.tracks
    tracker.complete(2, [])
    assert tracker.tracks == before, "nobody was found late, nothing is looked through"


def test_another_shot_brings_nobody_back():
    tracker = Tracker(memory=30, coast=10)
    for frame, shot in enumerate((0, 0, 0, 3, 4)):
        tracker.follow(frame, [face(at(100, 100, 50))], frame in (0, 3, 4), shot=shot)
    assert [(track.shot, track.ended_at) for track in tracker.tracks] == [(0, 3), (3, 4), (4, None)]


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


def known(tracker: Tracker) -> None:
    """Every track is somebody enrolled."""
    said = Verification(0, "anna", 0.9, 1.0, 0, True)
    tracker.update({t.id: replace(t, evidence=replace(t.evidence, verifications=(said,))) for t in tracker.tracks})


def test_a_jump_and_a_long_gap_start_the_evidence_of_somebody_enrolled_anew():
    tracker = Tracker(memory=60, coast=10)
    for frame in range(10):
        follow(tracker, frame, at(100, 100, 50))
    known(tracker)
    follow(tracker, 10, at(135, 100, 50))
    assert tracker.tracks[0].evidence.run == 1
    for frame in range(11, 18):
        follow(tracker, frame)
    follow(tracker, 18, at(136, 100, 50))
    assert [track.id for track in tracker.tracks] == [1]
    assert tracker.tracks[0].evidence.run == 2


def test_where_a_stranger_would_have_to_leap_it_is_another_one_and_both_are_believed():
    tracker = Tracker(memory=60, coast=10)
    for frame in range(10):
        follow(tracker, frame, at(100, 100, 50))
    follow(tracker, 10, at(135, 100, 50), score=0.36)
    assert [track.id for track in tracker.tracks] == [1, 2]
    assert all(track.is_face() for track in tracker.tracks)


def test_the_surer_of_two_detections_of_one_face_goes_to_the_track_that_is_there():
    tracker = Tracker(memory=60, coast=10)
    follow(tracker, 0, at(100, 100, 40), score=0.44)
    tracker.follow(4, [face(at(103, 100, 40), 0.17), face(at(110, 100, 40), 0.39)], cut=False)
    (first, *_) = tracker.tracks
    assert first.last.score == 0.39
    assert first.is_face()


def rough(box: Box, score: float = 0.5) -> Face:
    """As the shrunken picture alone shows it."""
    return replace(face(box, score), shrunken=box)


def test_what_a_tile_told_once_moves_the_rough_places_before_and_after_it():
    tracker = Tracker(memory=60, coast=10)
    blurred, sharp = at(105, 100, 30), at(100, 103, 24)
    for frame in range(9):
        seen = replace(face(sharp), shrunken=blurred) if frame == 5 else rough(blurred)
        tracker.follow(frame, [seen], cut=False)
    for frame in range(9):
        (one,) = placed(tracker.tracks, frame, Reach(frames=10, margin=0.0))
        assert one.box.iou(sharp) > 0.99
        assert one.cover.box.contains(blurred) or frame == 5


def test_where_tiles_take_turns_with_the_whole_picture_they_tell_as_well():
    tracker = Tracker(memory=60, coast=10)
    for frame in range(12):
        here = 100 + 4 * frame
        seen = face(at(here, 103, 24)) if frame == 7 else rough(at(here + 5, 100, 30))
        tracker.follow(frame, [seen], cut=False)
    assert len(tracker.tracks) == 1
    for frame in (0, 3, 6, 9, 11):
        (one,) = placed(tracker.tracks, frame, Reach(frames=10, margin=0.0))
        assert one.box.iou(at(100 + 4 * frame, 103, 24)) > 0.8


def test_of_a_neighbours_rough_place_nothing_is_learned():
    tracker = Tracker(memory=60, coast=10)
    for frame in range(4):
        tracker.follow(frame, [rough(at(100, 100, 30))], cut=False)
    tracker.follow(4, [replace(face(at(101, 100, 30)), shrunken=at(118, 100, 30))], cut=False)
    assert tracker.tracks[0].slip is None


@pytest.mark.parametrize("ends", ["film", "shot"])
def test_what_could_not_be_seen_again_is_believed_sooner(ends):
    tracker = Tracker(memory=60, coast=10)
    follow(tracker, 20, at(100, 100, 40), score=0.45)
    follow(tracker, 21)
    assert not tracker.tracks[0].is_face()
    if ends == "film":
        tracker.finish(22)
    else:
        follow(tracker, 22, cut=True)
    assert tracker.tracks[0].is_face()


def test_what_had_time_to_be_seen_again_and_was_not_is_no_face():
    tracker = Tracker(memory=60, coast=10)
    follow(tracker, 0, at(100, 100, 40), score=0.45)
    for frame in range(1, 12):
        follow(tracker, frame)
    tracker.finish(12)
    assert not tracker.tracks[0].is_face()


leaps = st.lists(st.tuples(st.integers(1, 9), st.floats(-1.2, 1.2), st.floats(-0.4, 0.4)), min_size=1, max_size=12)


@settings(max_examples=80, deadline=None)
@given(leaps)
def test_between_two_sightings_of_a_stranger_the_way_is_covered_or_both_places_are(moves):
    tracker, frame, here, seen = Tracker(memory=300, coast=10), 0, at(500, 500, 40), []
    follow(tracker, frame, here)
    for frames, dx, dy in moves:
        seen.append((frame, here))
        for between in range(frame + 1, frame + frames):
            follow(tracker, between)
        frame, here = frame + frames, here.moved(40 * dx, 40 * dy)
        follow(tracker, frame, here)
    seen.append((frame, here))
    for (first, a), (later, b) in pairwise(seen):
        for index in range(first, later + 1):
            covers = covered(tracker, index)
            way = any(cover.contains(between_boxes(a, b, (index - first) / (later - first))) for cover in covers)
            assert way or all(any(cover.contains(end) for cover in covers) for end in (a, b))


@settings(max_examples=40, deadline=None)
@given(st.floats(0.7, 1.3), st.integers(6, 9), st.integers(1, 6))
def test_a_leap_after_a_gap_covers_both_places_all_the_while(sizes, gap, times_seen):
    """The detector may have lost one face and found his neighbour: each is covered until he is lost for good."""
    tracker, here = Tracker(memory=300, coast=10), at(500, 500, 40)
    for frame in range(times_seen):
        follow(tracker, frame, here)
    for frame in range(times_seen, times_seen + gap):
        follow(tracker, frame)
    there = here.moved(40 * sizes, 0)
    follow(tracker, times_seen + gap, there)
    for index in range(times_seen, times_seen + gap + 1):
        assert all(any(cover.contains(place) for cover in covered(tracker, index)) for place in (here, there))


@settings(max_examples=120, deadline=None)
@given(
    turn=st.integers(2, 24),
    first=st.integers(0, 23),
    score=st.floats(0.4, 0.9),
    way=st.floats(0, 0.035),
    turns=st.integers(2, 5),
)
def test_whom_a_tile_alone_shows_once_in_its_rotation_is_covered_all_the_while(turn, first, score, way, turns):
    """As a film's pipeline does it: each frame is judged once the window has passed, by what is known then."""
    window, tracker = 24, Tracker(memory=2 * 24 + 13, coast=10)
    last = first % turn + turn * turns
    places = [at(500 + 40 * way * frame, 500, 40) for frame in range(last + turn)]
    for newest in range(len(places) + window):
        if newest < len(places):
            seen = [face(places[newest], score)] if newest % turn == first % turn else []
            tracker.follow(newest, seen, cut=False, turn_frames=turn)
        elif newest == len(places):
            tracker.finish(newest)
        if newest >= window:
            reach = Reach(10, 0.25, awaiting=awaiting(min(newest, len(places) - 1), turn), turn_frames=turn)
            covers = [place.cover.box for place in placed(tracker.tracks, newest - window, reach)]
            assert any(cover.contains(places[newest - window]) for cover in covers)


def test_only_whom_the_shrunken_picture_never_showed_is_awaited_for_a_rotation_and_no_longer():
    for gap, rough_too, ids in ((18, False, [1]), (18, True, [1, 2]), (19, False, [1, 2])):
        tracker = Tracker(memory=60, coast=10)
        seen = {0: face(at(100, 100, 30), 0.9), gap: face(at(100, 100, 30), 0.9)}
        if rough_too:
            seen[0] = rough(at(100, 100, 30))
        for frame in range(gap + 1):
            tracker.follow(frame, [seen[frame]] if frame in seen else [], cut=False, turn_frames=18)
        assert [track.id for track in tracker.tracks] == ids


def covered(tracker: Tracker, frame: int) -> list[Box]:
    """What is covered in a frame."""
    return [place.cover.box for place in placed(tracker.tracks, frame, Reach(frames=10, margin=0.25))]


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

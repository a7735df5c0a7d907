"""What is covered around a face: all of it, and in one shape whatever the face's own."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.geometry import Box
from appliance.core.lookahead import ASPECT, Reach, all_boxes_at, awaiting, boxes_at, may_be_in, placed, shaped
from appliance.core.slips import Slip
from appliance.core.tracks import Sighting, Track

sides = st.floats(1, 900)


@given(st.floats(-100, 2000), st.floats(-100, 2000), sides, sides)
def test_every_cover_holds_its_face_and_has_one_shape(x, y, width, height):
    face = Box(x, y, x + width, y + height)
    cover = shaped(face)
    assert cover.grown(1e-6, 1e-6).contains(face)
    assert cover.height == pytest.approx(ASPECT * cover.width)
    assert cover.centre == pytest.approx(face.centre)


@given(st.floats(0.2, 5), st.integers(0, 12), st.floats(-20, 20), st.floats(-20, 20))
def test_a_still_and_a_moving_face_wear_covers_of_one_shape(shape, frame, dx, dy):
    boxes = [Box(500, 500, 540, 500 + 40 * shape).moved(at * dx, at * dy) for at in range(3)]
    track = Track(1, 0, tuple(Sighting(3 + at, box, 0.9) for at, box in enumerate(boxes)), (dx, dy))
    face, cover = boxes_at(track, frame, Reach(10, 0.25))
    assert cover.contains(face)
    assert cover.height == pytest.approx(ASPECT * cover.width)


places = st.tuples(st.floats(-50, 900), st.floats(-50, 900), st.floats(5, 200), st.floats(5, 200))
tracks = st.dictionaries(st.integers(0, 30), places, min_size=1, max_size=6)


@given(st.lists(st.tuples(tracks, st.floats(-30, 30), st.floats(-30, 30)), max_size=8), st.integers(-10, 40))
def test_who_else_is_there_moves_no_cover(seen, frame):
    crowd = [
        Track(
            number, 0, tuple(Sighting(at, Box(x, y, x + w, y + h), 0.9) for at, (x, y, w, h) in sorted(one.items())), v
        )
        for number, (one, *v) in enumerate(seen)
    ]
    reach = Reach(10, 0.25)
    assert all_boxes_at(crowd, frame, reach) == [boxes_at(track, frame, reach) for track in crowd]


def test_what_only_a_tile_shows_is_covered_until_its_turn_comes_again():
    glimpsed = Sighting(20, Box(0, 0, 12, 16), 0.45)
    track = Track(1, 0, (glimpsed,))
    turns = [bool(placed([track], 15, Reach(10, 0.25, awaiting=awaiting(newest, 8)))) for newest in range(20, 31)]
    assert turns == [True] * 8 + [False] * 3
    alike = Reach(10, 0.25, awaiting=awaiting(20, 1))
    assert not placed([track], 15, alike)
    rough = replace(track, sightings=(replace(glimpsed, shrunken=True),))
    assert not placed([rough], 15, Reach(10, 0.25, awaiting=awaiting(20, 8)))


def test_a_glimpse_in_a_tile_whose_next_turn_the_shot_s_end_prevented_is_believed():
    glimpsed = Sighting(112, Box(0, 0, 40, 52), 0.45)
    reach = Reach(10, 0.25, awaiting=awaiting(140, 18), turn_frames=18)
    believed = [end for end in range(123, 140) if placed([Track(1, 100, (glimpsed,), ended_at=end)], 115, reach)]
    assert believed == list(range(123, 131))


def test_who_only_a_tile_shows_is_covered_from_its_last_turn_to_its_next_within_the_shot():
    track = Track(1, 100, (Sighting(117, Box(0, 0, 40, 52), 0.9),), ended_at=134)
    in_turn = Reach(10, 0.25, turn_frames=18)
    assert [frame for frame in range(80, 160) if placed([track], frame, in_turn)] == list(range(100, 134))
    # Whoever the whole picture shows would have been found sooner.
    rough = replace(track, sightings=(replace(track.last, shrunken=True),))
    assert [frame for frame in range(80, 160) if placed([rough], frame, in_turn)] == list(range(107, 128))
    # So would, a rotation ago, who was there then.
    later = replace(track, shot=90, ended_at=None)
    assert [frame for frame in range(80, 160) if placed([later], frame, in_turn)] == list(range(100, 135))


@given(st.integers(1, 30), st.integers(1, 40), st.integers(0, 20), st.booleans())
def test_a_cover_reaches_no_further_than_the_reach_or_a_rotation_nor_out_of_the_shot(frames, turn, ends_after, rough):
    track = Track(1, 90, (Sighting(100, Box(0, 0, 40, 52), 0.9, shrunken=rough),), ended_at=101 + ends_after)
    reach = Reach(frames, 0.25, turn_frames=turn)
    far = frames if rough else max(frames, turn - 1)
    expected = [frame for frame in range(100 - far, 100 + far + 1) if 90 <= frame < 101 + ends_after]
    assert [frame for frame in range(160) if may_be_in(track, frame, reach)] == expected


slips = st.builds(Slip, *[st.floats(-0.7, 0.7)] * 4)


@given(tracks, slips, st.sets(st.integers(0, 30)), st.integers(-10, 40))
def test_a_slip_only_adds_to_what_is_covered(seen, slip, sharp, frame):
    found = tuple(
        Sighting(at, Box(x, y, x + w, y + h), 0.9, shrunken=at not in sharp)
        for at, (x, y, w, h) in sorted(seen.items())
    )
    track, reach = Track(1, 0, found), Reach(10, 0.25)
    before, after = boxes_at(track, frame, reach)[1], boxes_at(replace(track, slip=slip), frame, reach)[1]
    assert after.grown(1e-6, 1e-6).contains(before)


def test_between_two_sightings_a_face_is_on_the_straight_way_and_half_a_frame_about_it_is_covered():
    seen = (
        Sighting(0, Box(0, 0, 40, 52), 0.9),
        Sighting(4, Box(80, 0, 120, 52), 0.9),
        Sighting(8, Box(80, 0, 120, 52), 0.9),
    )
    face, cover = boxes_at(Track(1, 0, seen), 1, Reach(10, 0.0))
    assert face == Box(20, 0, 60, 52)
    assert cover.contains(Box(0, 0, 80, 52))
    assert not cover.contains(Box(-9, 0, 89, 52))

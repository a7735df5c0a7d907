"""Counting, the timeline, the record and the page, on judgements made by hand."""

import json
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.auditing.figures import Judged, count
from appliance.auditing.page import page
from appliance.auditing.record import figures_record, timeline, tracks_record
from appliance.auditing.subjects import Sighting, Subject
from appliance.core.geometry import Box


def judged(number: int, frames: dict[int, float], px: float = 50, person: str = "", turn: float = 0.1) -> list[Judged]:
    """A track: detail kept by frame."""
    subject = Subject(number, (), (), person, 0.8 if person else 0.1, bool(person))
    return [Judged(subject, Sighting(frame, Box(0, 0, px, px), turn, 0.9), kept) for frame, kept in frames.items()]


def test_each_face_counts_in_its_size_class():
    faces = judged(1, {0: 1.0, 1: 0.0}, px=20) + judged(2, {0: 0.9}, px=40) + judged(3, {0: 0.1}, px=79.9)
    faces += judged(4, {0: 0.9}, px=500, person="Minji")
    figures = count(faces, 1 / 30)
    assert [(row.faces, row.bare, row.bare_strangers) for row in figures.sizes] == [(2, 1, 1), (2, 1, 1), (1, 1, 0)]
    assert (figures.all_sizes.faces, figures.all_sizes.strangers, figures.all_sizes.bare_strangers) == (5, 4, 2)
    assert figures.all_sizes.percent == 50.0


def test_tracks_beginning_and_flicker():
    faces = judged(1, {0: 0.9, 1: 0.9, 2: 0.9, 3: 0.1}) + judged(2, {0: 0.1, 1: 0.9, 2: 0.1}) + judged(3, {5: 0.0})
    figures = count(faces, 0.5)
    assert (figures.stranger_tracks, figures.stranger_tracks_bare) == (3, 2)
    assert figures.frames_to_covered == (3,)
    assert figures.changes == 3
    assert math.isclose(figures.minutes, 8 * 0.5 / 60)


def test_only_large_and_frontal_faces_say_whether_the_enrolled_are_shown():
    faces = judged(1, {0: 0.9, 1: 0.1}, person="Minji") + judged(2, {0: 0.1}, px=39, person="Minji")
    faces += judged(3, {0: 0.1}, person="Minji", turn=1.0)
    figures = count(faces, 1 / 30)
    assert (figures.known_sure, figures.known_shown, figures.shown_percent) == (2, 1, 50.0)
    assert figures.all_sizes.bare_strangers == 0


def test_nothing_seen_counts_as_nothing():
    figures = count([], 1 / 30)
    assert figures.all_sizes.percent == 0
    assert math.isnan(figures.shown_percent)
    assert figures.flicker == 0
    assert figures_record(figures)["known_shown_percent"] is None


@given(st.integers(1, 5000), st.floats(1, 120), st.integers(1, 200))
def test_the_timeline_holds_every_face_once(frames, fps, most):
    faces = judged(1, {frame: float(frame % 2) for frame in range(0, frames, 7)})
    spans = timeline(faces, frames, fps, most)
    assert 1 <= len(spans) <= most + 1
    assert sum(span.bare_strangers for span in spans) == sum(face.bare for face in faces)
    assert sum(span.covered for span in spans) == sum(not face.bare for face in faces)


def test_the_record_is_json_and_names_strangers_first():
    faces = judged(1, {0: 0.9}, person="Minji") + judged(2, {30: 0.9, 31: 0.1, 60: 0.9})
    tracks = tracks_record(faces, 30.0)
    assert [track["track"] for track in tracks] == [2, 1]
    assert (tracks[0]["first_bare_s"], tracks[0]["last_bare_s"], tracks[0]["frames"]) == (1.0, 2.0, [30, 60])
    assert json.loads(json.dumps({**figures_record(count(faces, 1 / 30)), "tracks": tracks}, allow_nan=False))


def test_the_page_stands_alone_and_trusts_no_name():
    faces = judged(1, {0: 0.9}) + judged(2, {0: 0.9}, person="<b>Minji</b>")
    sheet = np.zeros((20, 20, 3), np.uint8)
    text = page("a<b.mp4", ["x & y"], count(faces, 1), timeline(faces, 1, 1, 10), tracks_record(faces, 1), sheet)
    assert "data:image/jpeg;base64," in text
    assert "a&lt;b.mp4" in text
    assert "<b>" not in text
    assert "http" not in text

"""Time stamps only rise, never lie in the future, and keep the camera's pace while nothing breaks it."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.live.timeline import LATEST_S, STEP_S, Timeline

steps = st.lists(
    st.tuples(st.floats(-1e6, 1e6), st.floats(0.0, 2.0)), min_size=1, max_size=60
)  # capture time, seconds since the frame before


@given(steps)
def test_places_only_rise_and_never_lie_ahead(frames):
    timeline, now, places = Timeline(), 100.0, []
    for captured_at, passed in frames:
        now += max(passed, 2 * STEP_S)
        places.append(timeline.place(captured_at, now))
        assert now - LATEST_S - STEP_S <= places[-1] <= now + STEP_S
    assert all(b > a for a, b in itertools.pairwise(places))


def test_an_even_camera_stays_even_though_frames_arrive_unevenly():
    timeline = Timeline()
    late = [0.0, 0.02, 0.005, 0.04, 0.01, 0.0, 0.03]
    places = [timeline.place(5 + k / 30, 50 + k / 30 + late[k % 7]) for k in range(60)]
    gaps = [b - a for a, b in itertools.pairwise(places)]
    assert max(gaps) - min(gaps) < 1e-6


def test_a_slate_in_between_is_seen_now_and_so_is_the_picture_after_it():
    timeline = Timeline()
    timeline.place(9.66, 10.0)  # a picture, delayed by the window
    assert timeline.place(11.0, 11.0) == 11.0
    assert timeline.place(10.86, 11.2) == pytest.approx(11.2)

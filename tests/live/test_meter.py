"""The meter counts what was done, by a clock that the test turns."""

from __future__ import annotations

import pytest

from appliance.live.meter import SPAN_S, Meter


class Clock:
    now = 50.0

    def __call__(self) -> float:
        return self.now


def test_frames_a_second_are_those_of_the_last_moments():
    clock = Clock()
    meter = Meter(clock)
    assert meter.fps == 0.0
    for _ in range(100):
        clock.now += 0.04
        meter.shown()
    assert meter.fps == pytest.approx(25, abs=0.6)
    clock.now += SPAN_S + 0.1
    assert meter.fps == 0.0


def test_stages_add_up_within_a_frame_and_are_means_over_frames():
    clock = Clock()
    meter = Meter(clock)
    assert meter.means_ms() == {}
    for took in (0.010, 0.030):
        for _ in range(2):
            with meter.stage("detect"):
                clock.now += took / 2
        meter.frame_done()
    with meter.stage("verify"):
        clock.now += 0.006
    meter.frame_done()
    assert meter.means_ms() == {"detect": pytest.approx(13.33), "verify": 2.0}


def test_a_stage_that_raises_is_counted_too():
    clock = Clock()
    meter = Meter(clock)

    def fall():
        with meter.stage("detect"):
            clock.now += 0.5
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        fall()
    meter.frame_done()
    assert meter.means_ms() == {"detect": 500.0}

"""Frames that were left out are counted, and a line that cannot follow says so."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.live.consumption import Consumption
from appliance.live.pace import Pace


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def taken(pace: Pace, moments) -> None:
    for moment in moments:
        pace.taken(float(moment))


@pytest.mark.parametrize("fps", [5, 15, 30, 60])
def test_a_steady_camera_misses_nothing_whatever_its_rate(fps):
    pace = Pace()
    jitter = np.random.default_rng(1).uniform(-0.15, 0.15, 300) / fps
    taken(pace, np.arange(300) / fps + jitter)
    assert pace.dropped == 0


def test_what_was_left_out_is_counted():
    pace = Pace()
    indices = [index for index in range(600) if index < 100 or index % 10 not in (3, 4, 7)]
    taken(pace, np.array(indices) / 30)
    assert pace.dropped == 600 - len(indices)


def test_a_camera_that_was_away_is_not_missed():
    pace = Pace()
    taken(pace, np.arange(60) / 30)
    pace.lost()
    taken(pace, 10 + np.arange(60) / 30)
    taken(pace, 100 + np.arange(60) / 30)
    assert pace.dropped == 0


@pytest.mark.parametrize(("work_s", "every_s", "busy"), [(0.01, 1 / 30, 0.3), (0.05, 0.05, 1.0), (0.2, 0.2, 1.0)])
def test_how_busy_it_is(work_s, every_s, busy):
    clock = Clock()
    pace = Pace(clock)
    assert (pace.busy, pace.fault) == (0.0, None)
    for _ in range(200):
        clock.now += every_s
        pace.worked(work_s)
    assert pace.busy == pytest.approx(busy, abs=0.02)
    assert (pace.fault is not None) == (busy == 1.0)
    clock.now += 10
    assert (pace.busy, pace.fault) == (0.0, None)


def test_the_process_knows_what_it_takes(monkeypatch):
    consumption = Consumption()
    assert consumption.cpu_percent == 0.0
    assert 10 < consumption.memory_mb < 100_000
    monkeypatch.setattr("appliance.live.consumption._spent_s", lambda: consumption._spent_s + 0.8)
    monkeypatch.setattr(consumption, "_at", consumption._at - 0.8)
    assert consumption.cpu_percent == pytest.approx(100, abs=30)

"""Rates, their bounds, and the point at which so many strangers pass."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.rates import Rate, grouped, operating_point, percent, rate, wilson


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

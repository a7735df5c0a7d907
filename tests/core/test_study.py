"""What is learned of a face is of that face alone, whatever looks come."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import study
from appliance.core.identity import unit
from appliance.core.study import Study
from tests.scripted import identity

SEEDS = st.lists(st.tuples(st.sampled_from(["ann", "ben"]), st.floats(0, 1), st.integers(0, 99)), max_size=40)


def look(who: str, seed: int = 0, noise: float = 0.6) -> np.ndarray:
    # Each face has dice of its own: noise that both share would make them alike.
    dice = np.random.default_rng([seed, *who.encode()]).normal(size=identity(who).size).astype(np.float32)
    return unit(identity(who) + noise * unit(dice))


def learned(*looks: tuple[str, float, int]) -> Study:
    found = Study(0)
    for who, quality, seed in looks:
        found = found.added(look(who, seed), quality)
    return found


@given(SEEDS)
def test_whatever_comes_only_looks_like_the_first_are_kept(looks):
    found = learned(*looks)
    good = [who for who, quality, _ in looks if quality >= study.GOOD]
    assert all(float(kept @ identity(good[0])) > 0.5 for kept in found.looks)
    assert bool(found.looks) == bool(good)


@given(SEEDS)
def test_templates_are_unit_rows_the_average_first_and_none_twice(looks):
    found = learned(*looks)
    if not found.looks:
        return
    rows = found.templates()
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-4)
    assert rows[0] == pytest.approx(found.average)
    assert len(rows) == 1 + min(study.TEMPLATES, len(found.looks))
    assert set(map(bytes, rows[1:])) <= {one.astype(np.float32).tobytes() for one in found.looks}


def test_the_templates_are_the_different_ones():
    alike = [("ann", 0.9, 1)] * 6
    rows = learned(*alike, ("ann", 0.5, 2), ("ann", 0.5, 3)).templates()
    assert {bytes(row) for row in (look("ann", seed) for seed in (1, 2, 3))} <= set(map(bytes, rows))


def test_only_a_good_look_contradicts_but_no_number_always_does():
    found = learned(("ann", 0.9, 1))
    assert found.contradicted(look("ben"), 0.9)
    assert not found.contradicted(look("ben"), 0.3)
    assert not found.contradicted(look("ann", 5), 0.9)
    assert found.contradicted(np.full(64, np.nan, np.float32), 0.01)


def test_it_ends_when_enough_was_seen_or_nothing_more_is_waited_for():
    many = learned(*[("ann", 0.9, seed) for seed in range(study.ENOUGH)])
    assert not many.is_done(study.FRAMES_LEAST - 1)
    assert many.is_done(study.FRAMES_LEAST)
    few = learned(*[("ann", 0.9, seed) for seed in range(study.LEAST - 1)])
    assert not few.is_done(study.FRAMES_MOST - 1)
    assert few.is_done(study.FRAMES_MOST)
    assert (few.suffices, many.suffices) == (False, True)

"""Which looks are kept."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import PhotoError
from appliance.selfie import keeping
from appliance.selfie.keeping import CLEAR_SHARE, LOOKS_MOST, LOOKS_WANTED, NEAR_DOUBLE, NEWS
from appliance.selfie.looks import Picked
from tests.scripted import identity
from tests.selfie.filmed import look, unit, who

looks = st.lists(st.tuples(st.floats(0.2, 1), st.floats(0, 1.5), st.integers(0, 5)), min_size=1, max_size=60)


@settings(max_examples=200)
@given(looks)
def test_what_is_kept_is_clear_unlike_and_begins_with_the_best(given_looks):
    every = []
    for number, (clarity, angle, direction) in enumerate(given_looks):
        row = np.cos(angle) * identity("ann") + np.sin(angle) * identity(f"{direction}")
        every.append(Picked(look(number, clarity), unit(row)))
    kept = keeping.diverse(every)
    assert 1 <= len(kept) <= LOOKS_MOST
    assert kept[0].look.quality.score == max(one.look.quality.score for one in every)
    rows = np.stack([one.embedding for one in kept])
    np.fill_diagonal(alike := rows @ rows.T, 0)
    assert alike.max() < NEAR_DOUBLE
    if len(kept) > LOOKS_WANTED:
        later = alike[LOOKS_WANTED:]
        assert all(row[: LOOKS_WANTED + i].max() < NEWS for i, row in enumerate(later)), "what comes late is news"
    best = np.quantile([one.look.clarity for one in every], 0.9)
    assert all(one.look.clarity >= CLEAR_SHARE * best for one in kept)
    left = [one for one in every if one.look.clarity >= CLEAR_SHARE * best and one not in kept]
    if len(kept) < LOOKS_MOST:
        limit = NEAR_DOUBLE if len(kept) < LOOKS_WANTED else NEWS
        assert all((rows @ one.embedding).max() >= limit for one in left), "nothing worth keeping is left"


@settings(max_examples=100)
@given(st.integers(1, 30), st.integers(0, 30))
def test_a_few_slips_are_dropped_and_many_are_somebody_else(own, others):
    dice = np.random.default_rng(own * 31 + others)

    def seen(who, number):
        return Picked(look(number, 1.0), unit(identity(who) + 0.03 * dice.normal(size=64)))

    every = [seen("ann", i) for i in range(own)] + [seen("ben", own + i) for i in range(others)]
    fewer = min(own, others)
    if fewer >= 2 and fewer >= keeping.DIFFERENT_SHARE * (own + others):
        with pytest.raises(PhotoError, match="different people"):
            keeping.of_one_person(every)
    else:
        kept = keeping.of_one_person(every)
        assert len(who(kept)) == 1
        assert len(kept) == max(own, others)

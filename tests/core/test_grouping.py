import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from appliance.core.grouping import of_one
from tests.scripted import identity


def seen(who, number):
    row = identity(who) + 0.05 * np.random.default_rng(number).normal(size=64)
    return (row / np.linalg.norm(row)).astype(np.float32)


@given(st.lists(st.sampled_from(["ann", "ben", "cho"]), min_size=1, max_size=20))
def test_without_anybody_known_who_is_seen_more_than_all_others_together_is_the_one(names):
    assume(2 * max(names.count(name) for name in names) > len(names))
    own = of_one(np.stack([seen(name, i) for i, name in enumerate(names)]), 0.5)
    members = {name for name, is_own in zip(names, own) if is_own}
    (who,) = members
    assert names.count(who) == max(names.count(name) for name in names) == own.sum()


@given(st.lists(st.sampled_from(["ann", "ben"]), min_size=1, max_size=20))
def test_who_is_known_decides(names):
    own = of_one(np.stack([seen(name, i) for i, name in enumerate(names)]), 0.5, [identity("ben")])
    assert list(own) == [name == "ben" for name in names]


def test_one_who_is_like_another_one_taken_is_taken_in_turn():
    """Older and older: the last is unlike the first, and like the one between."""
    rows = np.array([(np.cos(angle), np.sin(angle)) for angle in (0.0, 0.8, 1.1)], np.float32)
    assert rows[2] @ rows[0] < 0.6
    assert of_one(rows, 0.6, [rows[0]]).all()


def test_what_is_no_number_is_nobody():
    rows = np.stack([identity("ann"), np.full(64, np.nan, np.float32)])
    assert list(of_one(rows, 0.5, [identity("ann")])) != [True, True]

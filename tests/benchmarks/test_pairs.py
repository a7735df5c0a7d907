"""Two ways compared on the same trials."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.pairs import paired, told


def test_pairs_that_differ_are_told_from_pairs_that_agree():
    alike = paired({"": [(True, True)] * 5000})
    assert (alike.share, told(alike)) == (0.0, "+0.00 (-0.04 to +0.04) within")
    lost = paired({"": [(True, False)] * 30 + [(True, True)] * 970})
    assert lost.share == pytest.approx(-0.03)
    assert told(lost).endswith("beyond")
    assert told(lost, more_is_better=False).endswith("within")
    few = paired({"": [(True, True)] * 20})
    assert told(few).endswith("unresolved")
    assert told(paired({})) == "-"


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60), st.integers(1, 8))
def test_bounds_of_pairs_hold_the_difference_and_turn_round_with_the_pairs(pairs, groups):
    dealt = {group: pairs[group::groups] for group in range(groups)}
    one, other = paired(dealt), paired({key: [(b, a) for a, b in group] for key, group in dealt.items()})
    assert one.low <= one.share + 0.03 <= one.high + 0.06
    assert (one.share, one.low, one.high) == pytest.approx((-other.share, -other.high, -other.low))
    assert one.high - one.low >= paired({"": pairs}).high - paired({"": pairs}).low - 1e-9


def test_pairs_that_err_together_are_worth_as_much_as_there_are_groups():
    apart = paired({group: [(True, group % 4 != 0)] * 50 for group in range(20)})
    mixed = paired({group: [(True, at % 4 != 0) for at in range(50)] for group in range(20)})
    assert apart.high - apart.low > 5 * (mixed.high - mixed.low)

"""The policy, held to its promises whatever happens."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from appliance.network.policy import (
    LONELY_S,
    MOST_LONELY_S,
    RETRY_BLIND_S,
    RETRY_SEEN_S,
    Deed,
    Facts,
    State,
    asked,
    decide,
)

SSIDS = st.frozensets(st.sampled_from(["a", "b", "c"]))
SITUATIONS = st.builds(
    Facts, at_s=st.just(0.0), radio=st.booleans(), linked=st.booleans(), connecting=st.booleans(), own=st.booleans(),
    guests=st.none() | st.integers(0, 3), known=SSIDS, in_sight=SSIDS,
)  # fmt: skip
HISTORIES = st.lists(st.tuples(st.floats(0.1, 700), SITUATIONS, st.none() | st.booleans()), max_size=40)


def told(history, allowed=True):
    """(state before, facts, deed) at each look."""
    from dataclasses import replace

    state, at = State(allowed=allowed), 0.0
    for passed, facts, wanted in history:
        if wanted is not None:
            state = asked(state, wanted)
        at += passed
        now = replace(facts, at_s=at)
        before = state
        state, deed = decide(state, now)
        yield before, now, deed


@given(HISTORIES, st.booleans())
def test_nobody_is_cut_off_and_nothing_impossible_is_asked(history, allowed):
    for state, facts, deed in told(history, allowed):
        if deed is Deed.OPEN:
            assert facts.radio
            assert not facts.own
            assert state.kept or (allowed and not facts.linked)
        if deed in (Deed.CLOSE, Deed.RETRY):
            assert facts.own
            assert not state.kept
            assert facts.guests == 0 or not allowed
        if deed is Deed.RETRY:
            assert facts.known


@given(HISTORIES)
def test_a_box_in_a_network_stays_there(history):
    for state, facts, deed in told(history):
        if facts.linked and not facts.own and not state.kept:
            assert deed is Deed.NOTHING


@given(HISTORIES, st.booleans())
def test_whatever_was_before_a_lonely_box_opens_its_own_network(history, connecting):
    state = ([State()] + [state for state, _, _ in told(history)])[-1]
    at = sum(passed for passed, _, _ in history)
    state, first = decide(asked(state, False), Facts(at, True, connecting=connecting))
    # Seconds as fractions do not always add up to themselves.
    _, deed = decide(state, Facts(at + MOST_LONELY_S + 0.01, True, connecting=connecting))
    assert Deed.OPEN in (first, deed)


def test_it_waits_longer_for_what_is_about_to_connect():
    state, deed = decide(State(), Facts(100.0, True))
    assert deed is Deed.NOTHING
    assert decide(state, Facts(100 + LONELY_S, True))[1] is Deed.OPEN
    assert decide(state, Facts(100 + LONELY_S, True, connecting=True))[1] is Deed.NOTHING
    assert decide(state, Facts(100 + MOST_LONELY_S, True, connecting=True))[1] is Deed.OPEN


def test_known_networks_are_tried_again_often_in_sight_and_seldom_out_of_it():
    def looks(**options):
        state, tried = State(), []
        for at in range(0, 2000, 5):
            state, deed = decide(state, Facts(at, True, own=True, guests=0, known=frozenset("a"), **options))
            if deed is Deed.RETRY:
                tried.append(at)
        return tried

    assert looks(in_sight=frozenset("a"))[:3] == [RETRY_SEEN_S, 2 * RETRY_SEEN_S, 3 * RETRY_SEEN_S]
    assert looks() == [RETRY_BLIND_S, 2 * RETRY_BLIND_S, 3 * RETRY_BLIND_S]


def test_a_cable_closes_the_own_network_only_when_nobody_is_in_it():
    def deed(guests):
        return decide(State(), Facts(5.0, True, linked=True, own=True, guests=guests))[1]

    assert (deed(0), deed(1), deed(None)) == (Deed.CLOSE, Deed.NOTHING, Deed.NOTHING)

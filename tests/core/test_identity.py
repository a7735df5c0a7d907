"""P1 and P4 on bare evidence: what a run must hold before anybody is shown, and what ends it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.core.identity import (
    NOBODY,
    PHOTO,
    SPREAD_RANGE,
    Evidence,
    Levels,
    Person,
    Verification,
    gallery,
    judge,
    spread,
    unit,
    verify,
)

DIMENSIONS = 128
dice = np.random.default_rng(5)


def near(centre: np.ndarray, similarity: float, seed: int) -> np.ndarray:
    """A unit vector of the given similarity to the centre."""
    other = np.random.default_rng(seed).normal(size=centre.size)
    other -= (other @ centre) * centre
    other /= np.linalg.norm(other)
    return (similarity * centre + np.sqrt(1 - similarity**2) * other).astype(np.float32)


ANNA = unit(dice.normal(size=DIMENSIONS).astype(np.float32))
BERT = unit(dice.normal(size=DIMENSIONS).astype(np.float32))
PEOPLE = gallery(
    [
        Person("anna", "Anna", np.stack([near(ANNA, 0.8, i) for i in range(5)])),
        Person("bert", "Bert", np.stack([near(BERT, 0.8, 10 + i) for i in range(5)])),
    ]
)


def looks(*embeddings: np.ndarray, levels: Levels = Levels(), quality: float = 0.9) -> Evidence:
    evidence = Evidence()
    for frame, embedding in enumerate(embeddings):
        evidence = verify(evidence, PEOPLE, levels, frame, embedding, quality, oldest=0)
    return evidence


def good(seed: int) -> np.ndarray:
    return near(ANNA, 0.75, 100 + seed)


def test_nothing_is_shown_without_evidence():
    assert not judge(Evidence(), 3, bracket=10).shows


def test_two_looks_are_not_enough_and_three_reach_back_to_the_first():
    assert not judge(looks(good(1), good(2)), 0, bracket=10).shows
    evidence = looks(good(1), good(2), good(3))
    assert [judge(evidence, frame, 10).person for frame in range(-1, 4)] == [None, "anna", "anna", "anna", None]


def test_a_photo_needs_one_look_and_a_stricter_one():
    assert judge(looks(near(ANNA, 0.9, 1), levels=PHOTO), 0, 0).person == "anna"
    assert not judge(looks(near(ANNA, 0.45, 1), levels=PHOTO), 0, 0).shows


def test_a_contradiction_covers_back_to_the_last_agreement():
    stranger = near(BERT, 0.1, 7)
    evidence = looks(good(1), good(2), good(3), stranger)
    assert judge(evidence, 2, 10).person == "anna"
    assert not judge(evidence, 3, 10).shows
    evidence = Evidence()
    for frame, embedding in ((0, good(1)), (1, good(2)), (2, good(3)), (8, stranger)):
        evidence = verify(evidence, PEOPLE, Levels(), frame, embedding, 0.9, oldest=0)
    assert [judge(evidence, frame, 10).shows for frame in range(9)] == [True] * 3 + [False] * 6


def test_a_break_parts_what_was_said_before_from_what_comes():
    evidence = looks(good(1), good(2), good(3)).broken(5)
    for frame in (6, 7, 8):
        evidence = verify(evidence, PEOPLE, Levels(), frame, good(frame), 0.9, oldest=0)
    assert [judge(evidence, frame, 10).shows for frame in range(9)] == [True] * 3 + [False] * 3 + [True] * 3


def test_two_looks_too_far_apart_bracket_nothing():
    evidence = looks(good(1), good(2), good(3))
    evidence = verify(evidence, PEOPLE, Levels(), 20, good(9), 0.9, oldest=0)
    assert judge(evidence, 2, 10).shows
    assert not judge(evidence, 10, 10).shows
    assert judge(evidence, 20, 10).shows


def test_a_poor_look_that_disagrees_says_nothing_and_a_good_one_ends_the_run():
    evidence = looks(good(1), good(2), good(3))
    blurred = verify(evidence, PEOPLE, Levels(), 3, near(BERT, 0.1, 8), 0.2, oldest=0)
    assert blurred is evidence
    sharp = verify(evidence, PEOPLE, Levels(), 3, near(BERT, 0.1, 8), 0.9, oldest=0)
    assert sharp.latest is not None
    assert sharp.latest.person is None


def test_another_enrolled_person_in_the_same_place_is_a_contradiction():
    bert = [near(BERT, 0.75, 200 + i) for i in range(4)]
    evidence = looks(good(1), good(2), good(3), *bert)
    assert [judge(evidence, frame, 10).person for frame in range(7)] == ["anna"] * 3 + ["bert"] * 4


def test_a_face_unlike_the_one_before_breaks_the_run_though_both_are_like_the_person():
    """Two look-alikes of one person need not be alike themselves: continuity finds the swap."""
    first = [near(ANNA, 0.62, 300)] * 3
    second = near(ANNA, 0.55, 999)
    second = unit((second - 0.35 * (first[0] - 0.62 * ANNA)).astype(np.float32))
    assert float(second @ first[0]) < Levels().continuity
    evidence = looks(*first, second)
    assert evidence.latest is not None
    assert evidence.latest.run != looks(*first).latest.run  # type: ignore[union-attr]


@settings(max_examples=200, deadline=None)
@given(
    said=st.lists(
        st.tuples(st.integers(1, 6), st.sampled_from(["anna", "bert", None]), st.booleans(), st.booleans()),
        min_size=1,
        max_size=25,
    ),
    bracket=st.integers(0, 12),
)
def test_every_shown_frame_is_bracketed_in_one_proven_run(said, bracket):
    """P4, whatever was said: verifications at or before and at or after, one person, one run, near enough, proven."""
    verifications, frame, run = [], 0, 0
    for step, person, breaks, proven in said:
        frame += step
        if verifications and (breaks or verifications[-1].person != person):
            run += 1
        verifications.append(Verification(frame, person, 0.7, 0.9, run, proven and person is not None))
    evidence = Evidence(verifications=tuple(verifications), run=run)
    for moment in range(frame + 3):
        verdict = judge(evidence, moment, bracket)
        if verdict.shows:
            before = [v for v in verifications if v.frame <= moment][-1]
            after = next(v for v in verifications if v.frame >= moment)
            assert before.run == after.run
            assert before.person == after.person == verdict.person
            assert after.frame - before.frame <= bracket
            assert any(v.proven and v.run == before.run for v in verifications)


@settings(max_examples=100, deadline=None)
@given(seeds=st.lists(st.integers(0, 10_000), min_size=1, max_size=30))
def test_unlike_faces_are_never_shown(seeds):
    evidence = Evidence()
    for frame, seed in enumerate(seeds):
        stranger = unit(np.random.default_rng(seed).normal(size=DIMENSIONS).astype(np.float32))
        evidence = verify(evidence, PEOPLE, Levels(), frame, stranger, 0.9, oldest=0)
    assert not any(judge(evidence, frame, 10).shows for frame in range(len(seeds)))


def test_the_spread_comes_from_the_persons_own_photos_and_stays_in_bounds():
    assert spread(np.stack([ANNA] * 6)) == SPREAD_RANGE[1]
    wild = np.stack([unit(dice.normal(size=DIMENSIONS).astype(np.float32)) for _ in range(6)])
    assert spread(wild) == SPREAD_RANGE[0]
    assert SPREAD_RANGE[0] <= spread(ANNA[None]) <= SPREAD_RANGE[1]


def test_more_templates_and_more_looks_let_more_be_expected():
    one = gallery([Person("a", "A", near(ANNA, 0.8, 1)[None])])
    assert one.expected(0, 1) < one.expected(0, 5)
    assert PEOPLE.expected(0, 1) > one.expected(0, 1)


def test_a_gallery_forgets_the_expired_and_those_without_templates():
    people = gallery([Person("a", "A", ANNA[None], expires_at=100.0), Person("b", "B", np.zeros((0, DIMENSIONS)))])
    assert people.has("a", 99.9)
    assert not people.has("a", 100.0)
    assert not people.has("b", 0.0)
    assert gallery([]) is NOBODY
    with pytest.raises(KeyError):
        people.name("nobody")


@pytest.mark.parametrize("quality", [0.1, 0.9])
def test_an_embedding_that_is_no_number_ends_the_run_and_is_forgotten(quality):
    """P6: rubbish is not agreement, and does not spoil what comes after it."""
    broken = np.full(DIMENSIONS, np.nan, np.float32)
    evidence = verify(looks(good(1), good(2), good(3)), PEOPLE, Levels(), 3, broken, quality, oldest=0)
    assert evidence.latest is not None
    assert evidence.latest.person is None
    assert not judge(evidence, 3, 10).shows
    for frame in (4, 5, 6):
        evidence = verify(evidence, PEOPLE, Levels(), frame, good(frame), 0.9, oldest=0)
    assert [judge(evidence, frame, 10).shows for frame in range(3, 7)] == [False, True, True, True]

"""P1 and P4 on bare evidence: what a run must hold before anybody is shown, and what ends it."""

from dataclasses import replace

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
    clarity,
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


def test_who_is_alone_as_like_the_person_as_a_photo_must_be_goes_on_whatever_came_before():
    first = [near(ANNA, 0.7, 300)] * 3
    second = near(ANNA, 0.7, 999)
    second = unit((second - 0.6 * (first[0] - 0.7 * ANNA)).astype(np.float32))
    assert float(second @ unit(first[0])) < Levels().continuity < Levels().prove * PEOPLE.expected(0, 1)
    assert looks(*first, second).latest.run == looks(*first).latest.run  # type: ignore[union-attr]


def test_of_few_looks_more_is_asked_than_of_many():
    """The average of three may be near by chance; what stays as near for long is not."""
    similarity = Levels().prove * PEOPLE.expected(0, 3) * 1.05
    face = near(PEOPLE.centres[0], similarity, 5)
    said = looks(*[face] * 12).verifications
    assert not said[2].proven
    said_of_many = [one.proven for one in looks(*[near(PEOPLE.centres[0], 0.8, 5)] * 12).verifications]
    assert said_of_many[2]


def test_of_a_poor_look_less_is_expected_and_never_nothing():
    shares = [clarity(quality) for quality in (0.0, 0.05, 0.2, 0.5, 1.0)]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert 0.98 < shares[-1] < 1.0
    assert [PEOPLE.expected(0, 5, share) for share in shares] == sorted(PEOPLE.expected(0, 5, s) for s in shares)
    poor = looks(*[near(PEOPLE.centres[0], Levels().prove_floor - 0.01, 5)] * 9, quality=0.05)
    assert not any(said.proven for said in poor.verifications)


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
@given(seeds=st.lists(st.integers(100, 10_000), min_size=1, max_size=30))
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


# Not this person

LIKE_ANNA = unit((0.85 * ANNA + 0.5 * near(BERT, 0.2, 70)).astype(np.float32))
"""Somebody who looks like Anna: what is alike in both is shown as her."""


def rejecting(*others: np.ndarray):
    anna, bert = PEOPLE.people
    return gallery([replace(anna, rejected=np.stack(others)), bert]) if others else PEOPLE


def seen_by(people, *embeddings: np.ndarray, levels: Levels = Levels()) -> Evidence:
    evidence = Evidence()
    for frame, embedding in enumerate(embeddings):
        evidence = verify(evidence, people, levels, frame, embedding, 0.9, oldest=0)
    return evidence


def test_a_look_alike_is_covered_once_rejected_and_the_person_goes_on_being_shown():
    alike = [near(LIKE_ANNA, 0.9, 80 + i) for i in range(4)]
    assert judge(seen_by(PEOPLE, *alike), 3, 10).person == "anna", "else this shows nothing"
    people = rejecting(near(LIKE_ANNA, 0.9, 90))
    assert not any(judge(seen_by(people, *alike), frame, 10).shows for frame in range(4))
    assert judge(seen_by(people, *map(good, range(4))), 3, 10).person == "anna"


def test_in_a_photo_too_the_rejected_is_covered():
    alike = near(ANNA, 0.9, 1)
    assert judge(seen_by(PEOPLE, alike, levels=PHOTO), 0, 0).person == "anna"
    assert not judge(seen_by(rejecting(alike), alike, levels=PHOTO), 0, 0).shows


def test_one_look_nearer_to_the_rejected_ends_a_proven_run():
    other = near(ANNA, 0.72, 500)
    people = rejecting(other)
    evidence = seen_by(people, good(1), good(2), good(3), good(4), other)
    assert [judge(evidence, frame, 10).shows for frame in range(5)] == [True] * 4 + [False]


def test_a_rejected_one_counts_for_the_one_person_only():
    bert = [near(BERT, 0.75, 200 + i) for i in range(4)]
    assert judge(seen_by(rejecting(*bert), *bert), 3, 10).person == "bert"


@settings(max_examples=200, deadline=None)
@given(
    similarity=st.floats(0.3, 0.99),
    likeness=st.floats(-0.5, 0.99),
    seeds=st.tuples(st.integers(0, 999), st.integers(0, 999)),
    levels=st.sampled_from([Levels(), PHOTO]),
)
def test_nobody_nearer_to_a_rejected_one_than_to_the_person_is_ever_shown(similarity, likeness, seeds, levels):
    look = near(ANNA, similarity, seeds[0])
    other = near(look, likeness, seeds[1] + 1000)
    people = rejecting(near(BERT, 0.3, 5000), other)
    shown = judge(seen_by(people, *[look] * 4, levels=levels), 3, 10).person
    if float(other @ look) >= float(people.centres[0] @ look):
        assert shown is None
    else:
        assert shown == judge(seen_by(PEOPLE, *[look] * 4, levels=levels), 3, 10).person


def test_a_rejected_one_that_is_no_number_covers():
    people = rejecting(np.full(DIMENSIONS, np.nan, np.float32))
    assert not judge(seen_by(people, *map(good, range(4))), 3, 10).shows


def test_evidence_does_not_outlive_a_change_of_who_is_rejected():
    people = rejecting(near(LIKE_ANNA, 0.9, 90))
    assert PEOPLE.unchanged(people) == people.unchanged(PEOPLE) == {"bert"}
    assert people.unchanged(rejecting(near(LIKE_ANNA, 0.9, 90))) == {"anna", "bert"}

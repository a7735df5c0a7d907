"""Who stands out depends on who stands beside: look-alikes raise the level, and nobody is remembered for long."""

import numpy as np

from appliance.core.cohort import FORGET_FRAMES, MOST, Cohort
from appliance.core.identity import NOBODY, Evidence, Levels, Person, gallery, unit, verify
from tests.core.test_identity import ANNA, BERT, near

PEOPLE = gallery([Person("anna", "Anna", np.stack([near(ANNA, 0.85, i) for i in range(5)]))])


def cohort(similarity: float, strangers: int = 6) -> Cohort:
    filled = Cohort()
    for track in range(strangers):
        filled.saw(track, near(PEOPLE.centres[0], similarity + 0.02 * (track % 3 - 1), 50 + track), frame=0)
    return filled


def proven(similarity: float, stands_out) -> bool:
    evidence = Evidence()
    for frame in range(6):
        look = near(PEOPLE.centres[0], similarity, 7)
        evidence = verify(evidence, PEOPLE, Levels(), frame, look, 0.9, 0, stands_out)
    return evidence.latest is not None and evidence.latest.proven


def test_too_few_others_say_nothing():
    assert Cohort().stands_out(PEOPLE) is None
    assert cohort(0.1, strangers=1).stands_out(PEOPLE) is None
    assert cohort(0.1).stands_out(NOBODY) is None


def test_among_strangers_unlike_her_a_face_needs_less_and_among_look_alikes_as_much_as_ever():
    middling = Levels().prove_apart * PEOPLE.expected(0, 6) * (1 + Levels().eager / 6) + 0.02
    assert not proven(middling, None)
    assert proven(middling, cohort(0.05).stands_out(PEOPLE))
    assert not proven(middling, cohort(0.5).stands_out(PEOPLE))


def test_a_look_alike_in_view_is_not_shown():
    stands_out = cohort(0.5).stands_out(PEOPLE)
    assert not proven(0.55, stands_out)


def test_the_other_enrolled_count_as_others():
    people = [Person(str(i), str(i), near(BERT, 0.3, i)[None]) for i in range(3)]
    levels = Cohort().stands_out(gallery(people))
    assert levels is not None
    assert levels.shape == (3,)


def test_strangers_are_forgotten_after_a_while_and_never_more_than_so_many():
    filled = cohort(0.1)
    filled.forget(FORGET_FRAMES)
    assert len(filled) == 6
    filled.forget(FORGET_FRAMES + 1)
    assert len(filled) == 0
    for track in range(MOST + 20):
        filled.saw(track, unit(np.random.default_rng(track).normal(size=ANNA.size).astype(np.float32)), track)
    assert len(filled) == MOST


def test_who_turns_out_to_be_enrolled_is_no_stranger():
    filled = cohort(0.1)
    filled.drop(2)
    filled.drop(99)
    assert len(filled) == 5


def test_among_look_alikes_more_is_asked_than_without_anybody_and_never_the_impossible():
    expected = PEOPLE.expected(0, 6)
    plain = Levels().prove * expected * (1 + Levels().eager / 6) + 0.02
    assert proven(plain, None)
    assert not proven(plain, cohort(0.7).stands_out(PEOPLE))
    assert proven(min(1.1 * expected, 0.99), cohort(0.9).stands_out(PEOPLE))


def test_who_claims_to_be_somebody_counts_among_the_others_if_he_was_there_at_the_same_time():
    others = cohort(0.1)
    plain = others.stands_out(PEOPLE, track=100, since=5)
    others.saw(99, near(PEOPLE.centres[0], 0.6, 1), frame=9, claims=True)
    assert plain is not None
    assert np.all(others.stands_out(PEOPLE, track=100, since=5) > plain)
    assert others.stands_out(PEOPLE, track=99, since=5) == plain
    assert others.stands_out(PEOPLE, track=100, since=10) == plain

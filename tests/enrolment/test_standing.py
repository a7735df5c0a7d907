"""A set of photos in a word."""

from collections import Counter
from pathlib import Path

import pytest

from appliance.enrolment import Footage, footage_verdict, verdict
from tests.enrolment.seen import template
from tests.scripted import identity


@pytest.mark.parametrize(
    ("turns", "words"),
    [
        ([0.0], "1 photo: weak; add photos in other light; add a side view"),
        ([0.0, 0.5], "2 photos: fair; add photos in other light"),
        ([0.0, 0.1, 0.2], "3 photos: good; add a side view"),
        ([0.0, 0.1, 0.2, 0.5, 0.0], "5 photos: very good"),
    ],
)
def test_a_set_is_judged_in_a_word(turns, words):
    assert verdict([template(identity(f"{i}"), turn) for i, turn in enumerate(turns)]) == words


def test_a_set_of_one_clip_is_not_more_than_good():
    """All of it was seen in one light: the camera's may be another."""
    templates = [template(identity(f"{i}"), 0.5) for i in range(9)]
    assert verdict(templates) == "9 photos: very good"
    assert verdict(templates, one_clip=True) == "9 photos: good; add a photo or clip in other light"


@pytest.mark.parametrize(
    ("views", "cut_short", "words"),
    [
        ({"frontal": 4, "left": 3, "right": 2}, False, "9 of 140 frames taken: frontal 4, left 3, right 2; good"),
        ({"frontal": 6}, False, "6 of 140 frames taken: frontal 6; good; turn the head slowly to both sides"),
        ({"frontal": 1}, False, "1 of 140 frames taken: frontal 1; weak; turn the head slowly to both sides"),
        (
            {"frontal": 2, "left": 1},
            True,
            "3 of 140 frames taken: frontal 2, left 1; fair; the others are unsharp, dark, or all alike; "
            "only the first 60 seconds were looked at",
        ),
    ],
)
def test_a_clip_is_judged_in_a_line(views, cut_short, words):
    assert footage_verdict(Footage(Path("a.mp4"), 140, cut_short, Counter(views))) == words

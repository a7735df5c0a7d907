"""Who looks like whom."""

import pytest

from appliance.core.identity import Person, gallery
from appliance.enrolment import resemblances
from tests.enrolment.seen import template, toward
from tests.scripted import identity


@pytest.mark.parametrize(("likeness", "told"), [(0.1, False), (0.35, False), (0.5, True), (0.9, True)])
def test_look_alikes_are_told(likeness, told):
    people = gallery([Person("1", "Base", identity("base")[None])])
    found = resemblances([template(toward(likeness))], "New", people)
    assert [f.name for f in found] == (["Base"] if told else [])


def test_nobody_resembles_himself_and_the_most_alike_come_first():
    people = gallery(
        [Person(str(i), name, toward(a, i)[None]) for i, (name, a) in enumerate({"A": 0.7, "B": 0.9}.items())]
    )
    found = resemblances([template(identity("base"))], "C", people)
    assert [f.name for f in found] == ["B", "A"]
    assert [f.name for f in resemblances([template(identity("base"))], "B", people)] == ["A"]

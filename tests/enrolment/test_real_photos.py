"""Photos of real people."""

import pytest

from appliance import enrolment
from appliance.core.identity import Person, gallery
from appliance.enrolment import look, resemblances
from tests.enrolment.seen import names


@pytest.fixture(scope="module")
def real():
    from appliance import config

    return enrolment.models(config.load())


def test_real_photos_of_one_man_agree_and_another_does_not(photos, real):
    paths = [photos / f"{name}.jpg" for name in ("biden", "obama", "obama2", "obama3", "obama_partial_face")]
    accepted, refused = names(look(paths, real, []))
    assert accepted == ["obama", "obama2", "obama3", "obama_partial_face"]
    assert "does not look like" in refused["biden"]


def test_real_people_are_told_apart_and_one_under_two_names_is_noticed(photos, real):
    of = {name: look([photos / f"{name}.jpg"], real, []).templates for name in ("obama", "obama3", "biden")}
    people = gallery([Person("1", "Obama", of["obama"][0].embedding[None])])
    (found,) = resemblances(of["obama3"], "Barack", people)
    assert found.similarity >= enrolment.TWIN
    assert resemblances(of["biden"], "Biden", people) == []

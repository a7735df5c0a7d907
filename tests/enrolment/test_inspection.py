import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance import enrolment
from appliance.enrolment import inspection
from appliance.enrolment.inspection import inspect
from appliance.store.people import Dossier, Enrolled, Template
from tests.scripted import identity

MODEL = "m"


def near(centre, similarity, seed):
    other = np.random.default_rng(seed).normal(size=centre.size)
    other -= (other @ centre) * centre
    other /= np.linalg.norm(other)
    return (similarity * centre + np.sqrt(1 - similarity**2) * other).astype(np.float32)


def template(embedding, turn=0.0, model=MODEL):
    return Template(model, embedding, np.zeros((112, 112, 3), np.uint8), 0.9, turn)


def person(name, rows, rejected=(), turn=0.5):
    enrolled = Enrolled(name, name, "", True, 0.0, None, len(rows), len(rejected))
    return Dossier(enrolled, [template(row, turn) for row in rows], [template(row) for row in rejected])


def alike(name, similarity=0.85, count=5):
    return [near(identity(name), similarity, sum(map(ord, name)) * 100 + i) for i in range(count)]


ANN, BEN = person("Ann", alike("ann")), person("Ben", alike("ben"))


def test_photos_that_agree_are_good_and_nothing_is_advised():
    ann, ben = inspect([ANN, BEN], MODEL)
    assert (ann.name, ben.name) == ("Ann", "Ben")
    assert all(photo.recognised and photo.stays_shown and not photo.fault for photo in ann.photos)
    assert [photo.number for photo in ann.photos] == [1, 2, 3, 4, 5]
    assert (ann.thin, ann.alike, ann.advice) == (False, (), ())


def test_only_who_is_named_is_reported_but_held_against_everybody():
    twin = person("Annabel", alike("ann", 0.8))
    (ann,) = inspect([ANN, twin, BEN], MODEL, ["Ann"])
    assert [one.name for one in ann.alike] == ["Annabel"]
    assert "enrol nobody under two names" in ann.advice


@pytest.mark.parametrize(("likeness", "told", "confused"), [(0.3, 0, False), (0.6, 1, False), (0.95, 1, True)])
def test_who_looks_like_somebody_is_told_and_only_a_real_danger_is_called_one(likeness, told, confused):
    other = person("Zoe", [near(near(identity("ann"), likeness, 5), 0.9, 50 + i) for i in range(5)])
    report, _ = inspect([ANN, other], MODEL)
    assert (len(report.alike), report.confused) == (told, confused)
    assert bool(report.advice) == confused


def test_a_photo_unlike_the_others_is_told_by_its_number():
    odd = person("Ann", [*alike("ann"), near(identity("ann"), 0.05, 9)])
    (report,) = inspect([odd], MODEL)
    weak = report.photos[5]
    assert not weak.recognised
    assert not weak.stays_shown
    assert "is it the same person" in str(weak.fault)
    assert "side view" in str(weak.fault)
    assert [photo.fault for photo in report.photos[:5]] == [None] * 5


def test_a_photo_of_somebody_else_who_is_enrolled_is_told_with_the_name():
    mixed = person("Ann", [*alike("ann"), alike("ben", count=9)[8]])
    report, _ = inspect([mixed, BEN], MODEL)
    assert [photo.taken_for for photo in report.photos] == [None] * 5 + ["Ben"]
    assert any("mofy people reject" in line for line in report.advice)


@pytest.mark.parametrize(("count", "word"), [(0, "two more"), (1, "two more"), (2, "one more")])
def test_too_few_photos_are_thin_and_it_is_told_how_many_more(count, word):
    (report,) = inspect([person("Ann", alike("ann", count=count))], MODEL)
    assert report.thin
    assert word in report.advice[0]
    assert len(report.photos) == count


def test_photos_all_unlike_each_other_are_thin():
    (report,) = inspect([person("Ann", [identity(f"{i}") for i in range(5)])], MODEL)
    assert report.thin
    assert not any(photo.recognised for photo in report.photos)


def test_photos_of_another_model_do_not_count_and_it_is_told():
    old = Dossier(ANN.person, [template(identity("x"), model="old")] * 2 + list(ANN.templates))
    (report,) = inspect([old], MODEL)
    assert (report.outdated, len(report.photos)) == (2, 5)
    assert "mofy people refresh" in report.advice[0]
    (none,) = inspect([Dossier(ANN.person, [template(identity("x"), model="old")])], MODEL)
    assert (none.photos, none.thin) == ((), True)


def test_a_photo_nearer_to_the_rejected_is_not_recognised():
    rows = alike("ann")
    (report,) = inspect([person("Ann", rows, rejected=[rows[2]])], MODEL)
    assert [photo.recognised for photo in report.photos] == [True, True, False, True, True]
    assert report.rejected == 1


def test_without_a_side_view_one_is_asked_for():
    (report,) = inspect([person("Ann", alike("ann"), turn=0.1)], MODEL)
    assert report.advice == ("add a side view",)


@settings(max_examples=50)
@given(st.lists(st.lists(st.floats(-1, 1), max_size=5), max_size=5), st.randoms())
def test_any_people_at_all_are_reported_and_nothing_is_changed(shapes, dice):
    everybody = []
    for number, angles in enumerate(shapes):
        rows = [near(identity("ann"), angle, dice.randrange(5)) for angle in angles]
        everybody.append(person(f"{number}", rows, rejected=rows[: dice.randrange(2)]))
    before = [one.embedding.copy() for dossier in everybody for one in dossier.templates]
    reports = inspect(everybody, MODEL)
    assert [len(report.photos) for report in reports] == [len(shape) for shape in shapes]
    for report in reports:
        assert report.thin or all(-1.001 <= photo.similarity <= 1.001 for photo in report.photos)
        assert not any(photo.taken_for == report.name for photo in report.photos)
        assert all(line.isprintable() for line in report.advice)
    after = [one.embedding for dossier in everybody for one in dossier.templates]
    assert all((one == other).all() for one, other in zip(before, after, strict=True))


def test_real_photos_of_one_man_recognise_each_other(photos):
    from appliance import config

    real = enrolment.models(config.load())
    paths = [photos / f"{name}.jpg" for name in ("obama", "obama2", "obama3", "obama_partial_face")]
    obama = Dossier(Enrolled("1", "Obama", "", True, 0.0, None, 4), enrolment.look(paths, real, []).templates)
    biden = Dossier(
        Enrolled("2", "Biden", "", True, 0.0, None, 1), enrolment.look([photos / "biden.jpg"], real, []).templates
    )
    report, other = inspection.inspect([obama, biden], real.id)
    assert sum(photo.recognised for photo in report.photos) >= 3
    assert all(photo.stays_shown for photo in report.photos)
    assert (report.alike, other.alike) == ((), ())
    assert other.thin

"""Who may be shown, and that nobody is by somebody else's data."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from appliance.core.identity import NOBODY
from appliance.store import DATABASE, Store, gallery_or_nobody
from appliance.store.people import Dossier, Template
from tests.scripted import identity
from tests.store.stored import MODEL, template


def test_the_gallery_holds_who_may_be_shown_now(store):
    store.enrol("Ann", [template(seed=i) for i in range(3)], "test")
    store.enrol("Ben", [template("ben")], "test", expires_at=1000.0)
    store.enrol("Cho", [template("cho")], "test")
    store.enrol("Dan", [template("dan", model="model-b")], "test")
    store.change("Cho", "test", enabled=False)
    before, after = store.gallery(MODEL, 999.0), store.gallery(MODEL, 1000.0)
    assert sorted(person.name for person in before.people) == ["Ann", "Ben"]
    assert [person.name for person in after.people] == ["Ann"]
    ann = after.people[0]
    assert ann.templates.shape == (3, 64)
    assert ann.templates.dtype == np.float32
    assert after.has(ann.id, 2000.0)


def test_templates_of_another_model_wait_to_be_made_anew(store, folder):
    person = store.enrol("Ann", [template(seed=i) for i in range(2)], "test")
    people, fault = gallery_or_nobody(folder, "model-b")
    assert people.people == ()
    assert fault is not None
    assert "mofy people refresh" in fault
    crops = store.outdated("model-b")
    assert len(crops) == 2
    store.re_embed("model-b", {row: identity("new") for row in crops} | {"gone": identity("gone")}, "test")
    people, fault = gallery_or_nobody(folder, "model-b")
    assert fault is None
    assert np.allclose(people.people[0].templates, identity("new"))
    assert (store.templates(person.id)[1].crop == template(seed=1).crop).all(), "the crops stay"


def test_whom_this_model_cannot_tell_from_the_rejected_is_not_shown(store, folder):
    """Half of what is known of a person would show those who were taken for him."""
    store.enrol("Ann", [template(model="model-a")], "test")
    store.enrol("Ben", [template("ben")], "test")
    store.reject("Ann", [template("eve", model="model-b")], "test")
    people, fault = gallery_or_nobody(folder, "model-a")
    assert [person.name for person in people.people] == ["Ben"]
    assert "1 photos are of another model" in str(fault)
    (row,) = store.outdated("model-a")
    store.re_embed("model-a", {row: identity("eve now")}, "test")
    people, fault = gallery_or_nobody(folder, "model-a")
    assert fault is None
    (ann,) = [person for person in people.people if person.name == "Ann"]
    assert np.allclose(ann.rejected, identity("eve now"))


def test_nobody_rejected_becomes_a_template_by_a_moved_row(store, folder):
    store.enrol("Ann", [template()], "test")
    store.reject("Ann", [template("eve")], "test")
    with closing(sqlite3.connect(folder / DATABASE)) as db, db:
        db.execute("INSERT INTO templates SELECT * FROM rejected")
    people, fault = gallery_or_nobody(folder, MODEL)
    assert people is NOBODY
    assert "cannot be decrypted" in str(fault)


@pytest.mark.parametrize(
    "swap",
    [
        "UPDATE people SET name = (SELECT name FROM people p WHERE p.id <> people.id)",
        "UPDATE templates SET person = (SELECT id FROM people p WHERE p.id <> templates.person)",
        "UPDATE templates SET embedding = (SELECT embedding FROM templates t WHERE t.id <> templates.id)",
        "UPDATE templates SET embedding = crop",
        "UPDATE templates SET embedding = NULL WHERE 0; UPDATE people SET name = x''",
    ],
)
def test_nobody_is_shown_by_another_ones_face(store, folder, swap):
    store.enrol("Ann", [template()], "test")
    store.enrol("Ben", [template("ben")], "test")
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        db.executescript(swap)
    people, fault = gallery_or_nobody(folder, MODEL)
    assert people is NOBODY
    assert fault is not None


def test_a_template_moved_to_another_model_does_not_open(store, folder):
    store.enrol("Ann", [template(model="model-b")], "test")
    with closing(sqlite3.connect(folder / DATABASE)) as db, db:
        db.execute("UPDATE templates SET model = ?", [MODEL])
    assert gallery_or_nobody(folder, MODEL)[0] is NOBODY


def test_even_a_fault_nobody_foresaw_shows_nobody(store, folder, monkeypatch):
    store.enrol("Ann", [template()], "test")

    def fail(*_):
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(Store, "gallery", fail)
    people, fault = gallery_or_nobody(folder, MODEL)
    assert people is NOBODY
    assert "RuntimeError" in str(fault)


def test_a_thousand_people(store, folder):
    flat = Template(MODEL, identity("x"), np.zeros((112, 112, 3), np.uint8), 0.5, 0.0)
    ann = store.enrol("Ann", [template()], "test")
    everybody = [
        Dossier(replace(ann, name=f"사람 {i}"), [replace(flat, embedding=identity(f"{i}"))]) for i in range(1000)
    ]
    store.restore(everybody, "test")
    people, fault = gallery_or_nobody(folder, MODEL)
    assert fault is None
    assert len(people.people) == 1001
    row = [person.name for person in people.people].index("사람 777")
    assert np.allclose(people.centres[row], identity("777"))


def test_an_embedding_of_another_length_hides_its_owner_and_nobody_else(tmp_path):
    """As another box of a fleet may tell one, by mistake or to do harm."""
    store = Store.open(tmp_path, create=True)
    short = Template("m", np.eye(1, 17, dtype=np.float32)[0], np.zeros((112, 112, 3), np.uint8), 0.9, 0.1)
    for name in ("Ann", "Ben", "Cem"):
        store.enrol(name, [replace(short, embedding=identity(name))], "test")
    store.enrol("Dan", [short], "test")
    store.reject("Cem", [short], "test")
    people, worry = gallery_or_nobody(tmp_path, "m")
    assert ({person.name for person in people.people}, worry) == ({"Ann", "Ben"}, None)

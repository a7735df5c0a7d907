"""What is stored of people, as the front-ends see it."""

import math
import shutil
import sqlite3
import unicodedata
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance import store as stores
from appliance.errors import InputError
from appliance.store import DATABASE, KEY, Store, gallery_or_nobody
from appliance.store.people import Dossier
from tests.store.stored import MODEL, all_bytes, template


def test_what_is_enrolled_comes_back_to_the_bit(store, folder):
    given_templates = [template(seed=i) for i in range(3)]
    person = store.enrol("Ann", given_templates, "test", note="at the door", expires_at=5e9)
    again = Store.open(folder)
    assert again.people() == [person]
    assert (person.name, person.note, person.enabled, person.expires_at, person.photos) == (
        "Ann",
        "at the door",
        True,
        5e9,
        3,
    )
    for kept, was in zip(again.templates(person.id), given_templates):
        assert (kept.embedding == was.embedding).all()
        assert (kept.crop == was.crop).all()
        assert (kept.model, kept.quality, kept.turn) == (was.model, was.quality, was.turn)


def test_enrolling_again_adds_and_leaves_the_rest(store):
    first = store.enrol("Ann", [template(seed=1)], "test", note="kept", expires_at=5e9)
    second = store.enrol("ANN", [template(seed=2)], "test")
    assert (second.id, second.name, second.note, second.expires_at, second.photos) == (first.id, "Ann", "kept", 5e9, 2)
    assert store.enrol("Ann", [], "test", expires_at=math.inf).expires_at is None


def test_hangul_typed_in_parts_finds_the_same_person(store):
    store.enrol("김민수", [template()], "test")
    assert store.known(unicodedata.normalize("NFD", "김민수")).name == "김민수"


def test_a_name_belongs_to_one(store):
    store.enrol("Ann", [template()], "test")
    store.enrol("Ben", [template("ben")], "test")
    with pytest.raises(InputError, match="'Ann' already"):
        store.change("Ben", "test", new_name="aNN")
    assert store.change("Ann", "test", new_name="ANN").name == "ANN", "one may change the case of one's own"
    assert [person.name for person in store.people()] == ["ANN", "Ben"]


def test_a_change_leaves_what_is_not_named(store):
    before = store.enrol("Ann", [template()], "test", note="note", expires_at=5e9)
    assert store.change("Ann", "test", enabled=False) == replace(before, enabled=False)
    assert store.change("Ann", "test", enabled=True, note="") == replace(before, note="")
    assert store.change("Ann", "test", expires_at=math.inf) == replace(before, note="", expires_at=None)


def test_nobody_is_told_by_name(store):
    for act in (
        lambda: store.known("Eve"),
        lambda: store.remove("Eve", "t"),
        lambda: store.change("Eve", "t", note="x"),
    ):
        with pytest.raises(InputError, match="'Eve'"):
            act()


def test_removal_leaves_no_byte_of_a_person(store, folder):
    store.enrol("Ben", [template("ben")], "test")
    person = store.enrol("Ann", [template(seed=i) for i in range(3)], "test", note="a secret")
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        rows = db.execute("SELECT embedding, crop FROM templates WHERE person = ?", [person.id]).fetchall()
        rows += db.execute("SELECT name, note FROM people WHERE id = ?", [person.id]).fetchall()
    pieces = [bytes(piece) for row in rows for piece in row]
    # A large blob is spread over pages: a piece of it that is on one page must be gone too.
    marks = [piece[12:44] for piece in pieces]
    assert all(mark in all_bytes(folder) for mark in marks)
    store.remove("Ann", "test")
    assert not any(mark in all_bytes(folder) for mark in marks)
    assert [person.name for person in store.people()] == ["Ben"]


def test_removal_reaches_the_file_while_the_engine_watches(store, folder):
    store.enrol("Ann", [template()], "test")
    engine = Store.open(folder)
    engine.version()
    store.remove("Ann", "test")
    assert (folder / f"{DATABASE}-wal").stat().st_size == 0, "the log is emptied into the file"
    engine.close()


def test_nothing_personal_lies_open(store, folder):
    store.enrol("Annabella", [template()], "test", note="lives next door")
    found = all_bytes(folder)
    assert b"Annabella" not in found
    assert b"next door" not in found
    assert template().embedding.tobytes() not in found
    assert b"\x89PNG" not in found


def test_files_are_for_their_owner_alone(store, folder):
    store.enrol("Ann", [template()], "test")
    store.version()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == dict.fromkeys(
        [DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", KEY], 0o600
    )


def test_settings_and_the_audit(store):
    store.set_setting("look.style", "blur", "page")
    store.set_setting("look.style", "mosaic", "mqtt")
    store.set_setting("panic", "on", "page")
    store.set_setting("panic", None, "page")
    assert store.settings() == {"look.style": "mosaic"}
    person = store.enrol("Ann", [template()], "command line")
    store.remove("Ann", "page")
    entries = [(who, what) for _, who, what in store.audit()]
    assert entries[:2] == [
        ("page", f"person {person.id}: removed"),
        ("command line", f"person {person.id}: 1 photos added"),
    ]
    assert ("mqtt", "setting look.style: mosaic") in entries
    assert "Ann" not in str(entries), "the audit outlives the person"


def test_the_audit_is_bounded(store, monkeypatch):
    monkeypatch.setattr("appliance.store.journal.KEPT", 5)
    for i in range(9):
        store.set_setting("a", str(i), "test")
    assert [what for _, _, what in store.audit()] == [f"setting a: {i}" for i in (8, 7, 6, 5, 4)]


def test_every_change_raises_the_version(store, folder):
    engine = Store.open(folder)
    acts = [
        lambda: store.enrol("Ann", [template()], "t"),
        lambda: store.change("Ann", "t", enabled=False),
        lambda: store.set_setting("a", "b", "t"),
        lambda: engine.set_setting("a", "c", "t"),
        lambda: store.reject("Ann", [template("eve")], "t"),
        lambda: store.unreject("Ann", "t"),
        lambda: store.remove("Ann", "t"),
    ]
    versions = [engine.version()]
    for act in acts:
        act()
        versions += [engine.version(), engine.version()]
    assert versions == sorted(versions)
    assert len(set(versions)) == len(acts) + 1, "each is seen, and seen once"
    engine.close()


def test_restoring_is_all_or_nothing(store):
    store.enrol("Ann", [template(seed=1)], "test")
    ann, bad = store.known("Ann"), replace(store.known("Ann"), name="\x00")
    with pytest.raises(InputError):
        store.restore([Dossier(replace(ann, name="New"), [template()]), Dossier(bad, [template()])], "test")
    assert [person.name for person in store.people()] == ["Ann"]
    store.restore([Dossier(replace(ann, note="other", enabled=False), [template(seed=2), template(seed=3)])], "test")
    (again,) = store.people()
    assert (again.id, again.note, again.enabled, again.photos) == (ann.id, "other", False, 2)


def test_who_was_rejected_comes_back_to_the_bit_and_goes_to_the_engine(store, folder):
    person = store.enrol("Ann", [template(seed=i) for i in range(3)], "test")
    store.enrol("Ben", [template("ben")], "test")
    others = [template("eve", seed=i) for i in range(2)]
    assert store.reject("ANN", others, "test") == replace(person, rejected=2)
    for kept, was in zip(Store.open(folder).rejected(person.id), others, strict=True):
        assert (kept.embedding == was.embedding).all()
        assert (kept.crop == was.crop).all()
    assert len(store.templates(person.id)) == 3, "they are no templates"
    ann, ben = sorted(store.gallery(MODEL, 0.0).people, key=lambda known: known.name)
    assert (ann.rejected == np.stack([other.embedding for other in others])).all()
    assert ben.rejected.shape == (0, 64)
    assert [dossier.person.name for dossier in store.dossiers()] == ["Ann", "Ben"]
    assert (len(store.dossier("ann").templates), len(store.dossier("ann").rejected)) == (3, 2)


def test_unreject_forgets_all_of_one_person_and_leaves_no_byte(store, folder):
    store.enrol("Ann", [template()], "test")
    store.enrol("Ben", [template("ben")], "test")
    store.reject("Ann", [template("eve"), template("fay")], "test")
    store.reject("Ben", [template("eve")], "test")
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        ann = store.known("Ann").id
        rows = db.execute("SELECT embedding, crop FROM rejected WHERE person = ?", [ann]).fetchall()
    marks = [bytes(piece)[12:44] for row in rows for piece in row]
    assert all(mark in all_bytes(folder) for mark in marks)
    assert store.unreject("Ann", "test") == 2
    assert store.unreject("Ann", "test") == 0
    assert not any(mark in all_bytes(folder) for mark in marks)
    assert [person.rejected for person in store.people()] == [0, 1]
    store.remove("Ben", "test")
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        assert db.execute("SELECT count(*) FROM rejected").fetchone() == (0,), "gone with the person"


def test_rejecting_for_nobody_is_told(store):
    for act in (lambda: store.reject("Eve", [template()], "t"), lambda: store.unreject("Eve", "t")):
        with pytest.raises(InputError, match="'Eve'"):
            act()


def test_restoring_takes_the_rejected_of_the_file_and_no_others(store):
    ann = store.enrol("Ann", [template()], "test")
    store.reject("Ann", [template("eve"), template("fay")], "test")
    store.restore([Dossier(ann, [template(seed=2)], [template("gil")])], "test")
    (kept,) = store.rejected(ann.id)
    assert (kept.embedding == template("gil").embedding).all()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=120), st.text(max_size=60))
def test_any_name_and_note_come_back_or_are_refused(store, name, note):
    refusal = None
    try:
        person = store.enrol(name, [], "test", note=note)
    except InputError as error:
        refusal = str(error)
    if refusal is not None:
        assert refusal.isprintable()
        return
    assert store.known(name) == person
    store.remove(person.name, "test")
    assert store.find(name) is None


def test_a_backup_of_the_folder_is_a_whole_store(store, folder, tmp_path):
    store.enrol("Ann", [template()], "test")
    shutil.copytree(folder, tmp_path / "copy")
    assert [person.name for person in gallery_or_nobody(tmp_path / "copy", MODEL)[0].people] == ["Ann"]
    assert stores.exists(tmp_path / "copy")

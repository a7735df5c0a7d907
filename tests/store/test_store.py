import itertools
import math
import os
import resource
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unicodedata
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance import store as stores
from appliance.core.identity import NOBODY
from appliance.errors import InputError, StoreError
from appliance.store import DATABASE, KEY, Desired, Store, gallery_or_nobody
from appliance.store.people import Dossier, Template
from tests.scripted import identity

MODEL = "model-a"
NOBODY_ID = 65534
CHECKOUT = Path(__file__).resolve().parents[2]


def template(who="ann", model=MODEL, seed=0):
    crop = np.random.default_rng(seed).integers(0, 255, (112, 112, 3)).astype(np.uint8)
    return Template(model, identity(f"{who}{seed}"), crop, 0.8, 0.1)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def store(folder):
    opened = Store.open(folder, create=True)
    yield opened
    opened.close()


def all_bytes(folder):
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


# A life


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


# What the engine reads


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


def test_restoring_is_all_or_nothing(store):
    store.enrol("Ann", [template(seed=1)], "test")
    ann, bad = store.known("Ann"), replace(store.known("Ann"), name="\x00")
    with pytest.raises(InputError):
        store.restore([Dossier(replace(ann, name="New"), [template()]), Dossier(bad, [template()])], "test")
    assert [person.name for person in store.people()] == ["Ann"]
    store.restore([Dossier(replace(ann, note="other", enabled=False), [template(seed=2), template(seed=3)])], "test")
    (again,) = store.people()
    assert (again.id, again.note, again.enabled, again.photos) == (ann.id, "other", False, 2)


# Not this person


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


def first_schema(folder):
    """What the first MOFY's store looks like: nobody can be rejected."""
    with closing(sqlite3.connect(folder / DATABASE)) as db, db:
        db.executescript("DROP TABLE rejected; DELETE FROM _sqlite_migrations WHERE name = '0002_rejected'")


def test_a_store_of_the_first_mofy_is_brought_up_to_date_with_everybody_in_it(store, folder):
    person = store.enrol("Ann", [template(seed=i) for i in range(2)], "test", note="kept")
    first_schema(folder)
    again = Store.open(folder)
    assert again.people() == [person]
    assert (again.templates(person.id)[1].crop == template(seed=1).crop).all()
    assert again.reject("Ann", [template("eve")], "test").rejected == 1


def test_a_full_disk_while_it_is_brought_up_to_date_loses_nobody(store, folder):
    person = store.enrol("Ann", [template()], "test")
    first_schema(folder)
    with disk_of(0), pytest.raises(StoreError):
        Store.open(folder)
    with disk_of(0):
        assert gallery_or_nobody(folder, MODEL)[0] is NOBODY
    assert Store.open(folder).people() == [person]


def test_restoring_takes_the_rejected_of_the_file_and_no_others(store):
    ann = store.enrol("Ann", [template()], "test")
    store.reject("Ann", [template("eve"), template("fay")], "test")
    store.restore([Dossier(ann, [template(seed=2)], [template("gil")])], "test")
    (kept,) = store.rejected(ann.id)
    assert (kept.embedding == template("gil").embedding).all()


# When things go wrong


def nobody_is_shown(folder, sign):
    people, fault = gallery_or_nobody(folder, MODEL)
    assert people is NOBODY
    assert fault is not None
    assert sign in fault
    assert fault.isprintable(), "one line"
    with pytest.raises(StoreError, match=sign):
        Store.open(folder)


def test_a_box_without_people_shows_nobody_and_has_no_fault(folder):
    assert gallery_or_nobody(folder, MODEL) == (NOBODY, None)
    with pytest.raises(StoreError, match="nobody is enrolled"):
        Store.open(folder)
    assert not folder.exists(), "looking makes nothing"
    Desired(folder).set_setting("style", "solid", "test")
    assert gallery_or_nobody(folder, MODEL) == (NOBODY, None)


def test_a_lost_database_is_a_fault_and_not_a_box_without_people(store, folder):
    store.enrol("Ann", [template()], "test")
    store.close()
    for path in folder.glob(f"{DATABASE}*"):
        path.unlink()
    nobody_is_shown(folder, "is missing, though its key is here")
    Store.open(folder, create=True).enrol("Ann", [template()], "test")
    assert len(gallery_or_nobody(folder, MODEL)[0].people) == 1


def test_a_lost_key_shows_nobody_and_is_not_made_anew(store, folder):
    store.enrol("Ann", [template()], "test")
    (folder / KEY).unlink()
    nobody_is_shown(folder, "key is missing")
    with pytest.raises(StoreError, match="key is missing"):
        Store.open(folder, create=True)
    assert not (folder / KEY).exists()


@pytest.mark.parametrize("key", [secrets.token_bytes(32), b"", b"x" * 31])
def test_a_wrong_key_shows_nobody(store, folder, key):
    store.enrol("Ann", [template()], "test")
    (folder / KEY).write_bytes(key)
    nobody_is_shown(folder, "key")
    assert (folder / KEY).read_bytes() == key


def test_a_key_that_comes_back_opens_everything(store, folder):
    store.enrol("Ann", [template()], "test")
    (folder / KEY).rename(folder / "away")
    nobody_is_shown(folder, "key is missing")
    (folder / "away").rename(folder / KEY)
    assert [person.name for person in gallery_or_nobody(folder, MODEL)[0].people] == ["Ann"]


def test_a_key_lost_before_anybody_was_enrolled_is_made_anew(store, folder):
    (folder / KEY).unlink()
    Store.open(folder, create=True).enrol("Ann", [template()], "test")
    assert len(gallery_or_nobody(folder, MODEL)[0].people) == 1


@pytest.mark.parametrize("content", [b"garbage" * 1000, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_corrupt_file_shows_nobody(store, folder, content):
    store.enrol("Ann", [template()], "test")
    for path in folder.glob(f"{DATABASE}*"):
        path.unlink()
    (folder / DATABASE).write_bytes(content)
    nobody_is_shown(folder, "damaged")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(0, 0.9999), st.binary(min_size=1, max_size=600)), min_size=1, max_size=4))
def test_a_file_with_holes_shows_the_enrolled_or_nobody_and_never_raises(damaged_copy, holes):
    folder, whole = damaged_copy
    content = bytearray(whole)
    for share, junk in holes:
        place = int(share * len(content))
        content[place : place + len(junk)] = junk
    (folder / DATABASE).write_bytes(content[: len(whole)])
    people, _ = gallery_or_nobody(folder, MODEL)
    known = {f"person {i}" for i in range(4)}
    for person in people.people:
        assert person.name in known
        assert np.allclose(person.templates, template(person.name).embedding)


@pytest.fixture
def damaged_copy(folder):
    store = Store.open(folder, create=True)
    for i in range(4):
        store.enrol(f"person {i}", [template(f"person {i}")], "test")
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder, (folder / DATABASE).read_bytes()


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


@pytest.mark.parametrize("create", [True, False])
def test_a_file_where_the_folder_should_be_is_told(tmp_path, create):
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreError, match="data"):
        Store.open(tmp_path / "data", create)


@contextmanager
def without_privilege():
    """As a user who may not write everywhere; tests may run as root, who may."""
    mine = os.geteuid()
    if mine == 0:
        os.seteuid(NOBODY_ID)
    try:
        yield
    finally:
        os.seteuid(mine)


@pytest.fixture
def foreign_folder():
    """A folder that the unprivileged user can reach and owns."""
    with tempfile.TemporaryDirectory(prefix="mofy-") as name:
        if os.geteuid() == 0:
            os.chown(name, NOBODY_ID, NOBODY_ID)
        yield Path(name)


@pytest.mark.parametrize("engine_there", [True, False])
def test_a_read_only_folder_still_shows_and_says_why_it_cannot_save(foreign_folder, engine_there):
    folder = foreign_folder / "data"
    with without_privilege():
        store = Store.open(folder, create=True)
        store.enrol("Ann", [template()], "test")
        if engine_there:
            store.version()
        folder.chmod(0o500)
        for path in folder.iterdir():
            path.chmod(0o400)
        try:
            assert [person.name for person in gallery_or_nobody(folder, MODEL)[0].people] == ["Ann"]
            assert Store.open(folder).version() == Store.open(folder).version()
            with pytest.raises(StoreError, match="read-only"):
                Store.open(folder, create=True).enrol("Ben", [template("ben")], "test")
        finally:
            folder.chmod(0o700)
            store.close()


def test_a_folder_that_may_not_be_made_is_told(foreign_folder):
    foreign_folder.chmod(0o500)
    with without_privilege(), pytest.raises(StoreError, match="permission denied"):
        Store.open(foreign_folder / "data", create=True)


def test_a_folder_that_may_not_be_looked_into_shows_nobody(foreign_folder):
    with without_privilege():
        Store.open(foreign_folder / "data", create=True).enrol("Ann", [template()], "test")
        (foreign_folder / "data").chmod(0o000)
        try:
            people, fault = gallery_or_nobody(foreign_folder / "data", MODEL)
        finally:
            (foreign_folder / "data").chmod(0o700)
    assert people is NOBODY
    assert "permission denied" in str(fault)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files for others")
def test_what_root_makes_on_a_box_belongs_to_the_service(foreign_folder):
    Store.open(foreign_folder, create=True).enrol("Ann", [template()], "test")
    with without_privilege():
        engine = Store.open(foreign_folder)
        engine.version()
    Store.open(foreign_folder).enrol("Ben", [template("ben")], "test")
    with without_privilege():
        assert len(gallery_or_nobody(foreign_folder, MODEL)[0].people) == 2
        engine.set_setting("a", "b", "test")
    assert {path.stat().st_uid for path in foreign_folder.iterdir()} == {NOBODY_ID}
    engine.close()


@contextmanager
def disk_of(size):
    """No file may grow beyond so many bytes: what a full disk does to a writer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_loses_nothing(store, folder):
    store.enrol("Ann", [template()], "test")
    people = store.people()
    with disk_of(60_000):
        for i in range(3):
            with pytest.raises(StoreError, match="disk is full"):
                store.enrol("Ben", [template("ben", seed=s) for s in range(10)], "test")
            assert store.people() == people, i
    assert store.enrol("Ben", [template("ben")], "test").photos == 1


def test_a_disk_that_was_always_full_makes_no_store(folder):
    with disk_of(0), pytest.raises(StoreError):
        Store.open(folder, create=True)
    Store.open(folder, create=True).enrol("Ann", [template()], "test")
    assert len(gallery_or_nobody(folder, MODEL)[0].people) == 1


# Many at once, and the plug pulled

WRITER = """
import itertools, pathlib, sys
from appliance.store import Store
from tests.store.test_store import template
folder, who, most = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for i in itertools.count() if most < 0 else range(most):
    store = Store.open(folder, create=True)
    store.enrol(f"{who} {i}", [template(seed=i), template(seed=i + 1)], "test")
    print("+", who, i, flush=True)
    if i % 3 == 2:
        store.remove(f"{who} {i - 1}", "test")
        print("-", who, i - 1, flush=True)
"""


def writer(folder, who, most):
    command = [sys.executable, "-c", WRITER, str(folder), who, str(most)]
    return subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)


def test_several_writers_wait_for_each_other(folder):
    runs = [writer(folder, who, 8) for who in ("a", "b", "c")]
    assert [run.wait() for run in runs] == [0, 0, 0]
    for run in runs:
        run.stdout.close()
    names = {person.name for person in Store.open(folder).people()}
    assert names == {f"{who} {i}" for who in "abc" for i in (0, 2, 3, 5, 6, 7)}


@pytest.mark.parametrize("seed", range(6))
def test_a_kill_in_mid_write_loses_nothing_that_was_confirmed(folder, seed):
    dice = np.random.default_rng(seed)
    confirmed, gone = set(), set()
    for round_ in range(3):
        run = writer(folder, f"round {round_}", -1)
        lines = list(itertools.islice(run.stdout, int(dice.integers(1, 8))))
        time.sleep(float(dice.uniform(0, 0.02)))
        run.send_signal(signal.SIGKILL)
        lines += run.stdout.readlines()
        assert run.wait() == -signal.SIGKILL
        run.stdout.close()
        for line in (line for line in lines if line.endswith("\n")):
            sign, name = line[0], line[2:].strip()
            (confirmed if sign == "+" else gone).add(name)
        store = Store.open(folder, create=True)
        people = {person.name: person for person in store.people()}
        assert gone.isdisjoint(people), "what was removed stays removed"
        # The one being removed when the plug was pulled may be gone, and the one being added may be there.
        assert len(confirmed - gone - set(people)) <= round_ + 1
        removable = {f"round {r} {i}" for r in range(round_ + 1) for i in range(1, 100, 3)}
        assert confirmed - gone - set(people) <= removable
        assert {person.photos for person in people.values()} <= {2}, "nobody is half there"
        for person in people.values():
            assert len(store.templates(person.id)) == 2
        with closing(sqlite3.connect(folder / DATABASE)) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert confirmed


@pytest.mark.parametrize("delay_ms", [0, 5, 10, 20, 40])
def test_a_kill_while_the_store_is_made_leaves_a_box_that_starts(folder, delay_ms):
    code = (
        "import pathlib, sys; from appliance.store import Store; print('ready', flush=True); "
        "Store.open(pathlib.Path(sys.argv[1]), create=True)"
    )
    run = subprocess.Popen([sys.executable, "-c", code, str(folder)], cwd=CHECKOUT, stdout=subprocess.PIPE)
    run.stdout.readline()
    time.sleep(delay_ms / 1000)
    run.kill()
    run.communicate()
    Store.open(folder, create=True).enrol("Ann", [template()], "test")
    assert [person.name for person in gallery_or_nobody(folder, MODEL)[0].people] == ["Ann"]


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

"""Damage, folders that may not be used, full disks, an older schema."""

import os
import sqlite3
from contextlib import closing

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.core.identity import NOBODY
from appliance.errors import StoreError
from appliance.store import DATABASE, Store, gallery_or_nobody
from tests.store.faults import NOBODY_ID, disk_of, nobody_is_shown, without_privilege
from tests.store.stored import MODEL, template


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


@pytest.mark.parametrize("create", [True, False])
def test_a_file_where_the_folder_should_be_is_told(tmp_path, create):
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreError, match="data"):
        Store.open(tmp_path / "data", create)


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


def test_a_full_disk_while_it_is_brought_up_to_date_loses_nobody(store, folder):
    person = store.enrol("Ann", [template()], "test")
    first_schema(folder)
    with disk_of(0), pytest.raises(StoreError):
        Store.open(folder)
    with disk_of(0):
        assert gallery_or_nobody(folder, MODEL)[0] is NOBODY
    assert Store.open(folder).people() == [person]


def test_a_store_of_the_first_mofy_is_brought_up_to_date_with_everybody_in_it(store, folder):
    person = store.enrol("Ann", [template(seed=i) for i in range(2)], "test", note="kept")
    first_schema(folder)
    again = Store.open(folder)
    assert again.people() == [person]
    assert (again.templates(person.id)[1].crop == template(seed=1).crop).all()
    assert again.reject("Ann", [template("eve")], "test").rejected == 1


def first_schema(folder):
    """What the first MOFY's store looks like: nobody can be rejected."""
    with closing(sqlite3.connect(folder / DATABASE)) as db, db:
        db.executescript("DROP TABLE rejected; DELETE FROM _sqlite_migrations WHERE name = '0002_rejected'")

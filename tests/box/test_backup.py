"""The way back from an update: people of before, and nobody shown again who was taken back since."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from appliance import control
from appliance.box import releases, update
from appliance.errors import MofyError, StoreError
from appliance.store import Desired, Store, copies
from appliance.store.people import Template
from tests.box.machine import Manager, made, said
from tests.scripted import identity


def test_a_store_that_the_older_release_cannot_read_is_given_back(places):
    Store.open(places.data, create=True).close()
    one, two = made(places, "1.0-aa"), made(places, "2.0-bb", "2.0")
    update.activate(places, one, Manager(places), said())

    class Migrates(Manager):
        def restart(self) -> None:
            super().restart()
            if releases.current(places) == one:
                return
            with closing(sqlite3.connect(places.data / "people.db")) as db:
                db.execute("INSERT INTO _sqlite_migrations VALUES (9999, 'mofy', '9999_future', '')")
                db.commit()

    with pytest.raises(MofyError, match="runs again"):
        update.activate(places, two, Migrates(places, broken=("2.0",)), said())
    Store.open(places.data).close()


def template():
    return Template("m", identity("a"), np.zeros((112, 112, 3), np.uint8), 0.9, 0.1)


@pytest.fixture
def updated(places):
    """A box one release on, with people; the second of its releases has changed the tables."""
    people = Store.open(places.data, create=True)
    for name in ("Ann", "Ben", "Cem"):
        people.enrol(name, [template()], "test")
    one, two = made(places, "1.0-aa"), made(places, "2.0-bb", "2.0")
    update.activate(places, one, Manager(places), said())
    update.activate(places, two, Manager(places), said())
    with closing(sqlite3.connect(places.data / "people.db")) as db:
        db.execute("INSERT INTO _sqlite_migrations VALUES (9999, 'mofy', '9999_future', '')")
        db.commit()
    return places


def changed_since(places, *statements):
    """Done under the newer release, whose store this one does not open."""
    with closing(sqlite3.connect(places.data / "people.db")) as db:
        db.execute("PRAGMA foreign_keys = ON")
        for statement in statements:
            db.execute(statement)
        db.commit()


def test_going_back_shows_nobody_again(updated):
    """Deleted, switched off, covered or shut out since the update: all that stays."""
    before = {one.name: one.id for one in backup_of(updated).people()}
    changed_since(
        updated,
        f"DELETE FROM people WHERE id = '{before['Ann']}'",
        f"UPDATE people SET enabled = 0 WHERE id = '{before['Ben']}'",
        "INSERT INTO settings VALUES ('mode', 'cover-everyone')",
        f"INSERT INTO claims VALUES ('c', 'cover-person', NULL, NULL, '{before['Cem']}', NULL, NULL, 1.0)",
    )
    update.rollback(updated, Manager(updated), said())
    people = Store.open(updated.data)
    assert {one.name: one.enabled for one in people.people()} == {"Ben": False, "Cem": True}
    assert people.settings() == {"mode": "cover-everyone"}
    assert [claim.person for claim in Desired(updated.data).claims(2.0)] == [before["Cem"]]


def test_going_back_from_a_store_that_cannot_be_read_covers_everyone(updated):
    (updated.data / "people.db").write_bytes(b"rubbish" * 1000)
    for log in updated.data.glob("people.db-*"):
        log.unlink()
    update.rollback(updated, Manager(updated), said())
    assert Store.open(updated.data).settings() == {"mode": "cover-everyone"}
    assert len(Store.open(updated.data).people()) == 3


def backup_of(places):
    """The store in the copy."""
    folder = places.data / "read-copy"
    folder.mkdir()
    shutil.copy(places.data / "key", folder)
    shutil.copy(places.data / "before-update/people.db", folder)
    return Store.open(folder)


def test_who_is_deleted_is_gone_from_the_copy_too(places):
    people = Store.open(places.data, create=True)
    for name in ("Ann", "Ben"):
        people.enrol(name, [template()], "test")
        people.reject(name, [template()], "test")
    update.activate(places, made(places, "1.0-aa"), Manager(places), said())
    people.remove("Ann", "test")
    people.unreject("Ben", "test")
    copied = backup_of(places)
    assert [(one.name, one.photos, one.rejected) for one in copied.people()] == [("Ben", 1, 0)]


def test_who_is_deleted_while_the_copy_is_made_is_not_in_it(places, monkeypatch):
    people, replace = Store.open(places.data, create=True), Path.replace
    for name in ("Ann", "Ben"):
        people.enrol(name, [template()], "test")

    def then(draft, target):
        if draft.name == ".people.db":
            people.remove("Ann", "test")
        return replace(draft, target)

    monkeypatch.setattr(Path, "replace", then)
    update.activate(places, made(places, "1.0-aa"), Manager(places), said())
    assert [one.name for one in backup_of(places).people()] == ["Ben"]


def test_who_was_deleted_as_the_power_went_is_gone_from_the_copy_at_the_next_start(places, monkeypatch):
    people = Store.open(places.data, create=True)
    for name in ("Ann", "Ben"):
        people.enrol(name, [template()], "test")
    update.activate(places, made(places, "1.0-aa"), Manager(places), said())

    def cut(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as power:
        power.setattr(copies, "forget_deleted", cut)
        with pytest.raises(KeyboardInterrupt):
            people.remove("Ann", "test")
    with monkeypatch.context() as damaged:
        damaged.setattr(copies, "_photos", unreadable)
        control.build(control.Run(places.data, port=0)).close()
    assert len(backup_of(places).people()) == 2, "of a store that cannot be read nobody knows who is deleted"
    shutil.rmtree(places.data / "read-copy")
    control.build(control.Run(places.data, port=0)).close()
    assert [one.name for one in backup_of(places).people()] == ["Ben"]


def unreadable(_):
    raise StoreError("people.db: is damaged")


def test_a_copy_that_cannot_be_cleaned_is_removed(places):
    people = Store.open(places.data, create=True)
    people.enrol("Ann", [template()], "test")
    update.activate(places, made(places, "1.0-aa"), Manager(places), said())
    (places.data / "before-update/people.db").write_bytes(b"rubbish" * 1000)
    people.remove("Ann", "test")
    assert list((places.data / "before-update").iterdir()) == []


def test_the_same_release_once_more_keeps_the_copy_for_the_way_back(updated):
    """The copy of before the update would otherwise be one of after it, and the older release could not read it."""
    update.activate(updated, releases.current(updated), Manager(updated), said())
    update.rollback(updated, Manager(updated), said())
    assert len(Store.open(updated.data).people()) == 3


def test_a_box_that_goes_back_is_started_at_the_next_boot_whenever_the_power_goes(updated):
    manager = Manager(updated)
    update.rollback(updated, manager, said())
    assert "stop" in manager.calls
    assert "disable" not in manager.calls


def test_the_store_is_there_at_every_moment_of_going_back(updated, monkeypatch):
    """Whatever step is the last one before the power goes: people of before or of now, never none."""
    store, seen = updated.data / "people.db", []
    replace, unlink = type(store).replace, type(store).unlink

    def look(path, *given, real, **named):
        done = real(path, *given, **named)
        copy = tmp_copy(updated)
        with closing(sqlite3.connect(copy)) as db:
            seen.append(db.execute("SELECT count(*) FROM people").fetchone()[0])
        return done

    def tmp_copy(places):
        folder = places.root / f"cut{len(seen)}"
        folder.mkdir()
        for file in places.data.glob("people.db*"):
            shutil.copy(file, folder)
        return folder / "people.db"

    monkeypatch.setattr(type(store), "replace", lambda path, to: look(path, to, real=replace))
    monkeypatch.setattr(type(store), "unlink", lambda path, **named: look(path, real=unlink, **named))
    update.rollback(updated, Manager(updated), said())
    assert set(seen) == {3}

"""From one release to the next: only what is signed and works, and back by itself."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import tarfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from appliance import control
from appliance.box import health, incoming, releases, removal, system_files, update
from appliance.box.places import Places
from appliance.errors import InputError, MofyError, StoreError
from appliance.network import joining, own
from appliance.network.connections import OWN_FILE
from appliance.network.nmcli import Answer, Nmcli
from appliance.store import Desired, Store, copies
from appliance.store.people import Template
from tests.box.machine import Manager, Stuck, made, noted
from tests.scripted import identity

needs_minisign = pytest.mark.skipif(shutil.which("minisign") is None, reason="minisign is not installed")


@pytest.fixture
def places(tmp_path, monkeypatch):
    monkeypatch.setattr(health, "STEADY_S", 0.05)
    monkeypatch.setattr(health, "SETTLED_S", 0.5)
    places = Places(tmp_path)
    places.data.mkdir(parents=True)
    return places


def said(lines=None):
    return (lines if lines is not None else []).append


def test_the_first_installation_places_its_files_and_starts(places):
    one, manager = made(places, "1.0-aa"), Manager(places)
    update.activate(places, one, manager, said())
    assert releases.current(places) == one
    assert (places.root / "etc/systemd/system/mofy-engine.service").is_file()
    assert (places.root / "etc/sysusers.d/mofy.conf").is_file()
    assert manager.calls == ["prepare", "prepare", "restart"]
    assert "# strength = 3    # how much" in places.options.read_text()
    assert noted(places)["state"] == "current"


def test_twice_changes_nothing_and_the_owners_options_stay(places):
    one = made(places, "1.0-aa")
    update.activate(places, one, Manager(places), said())
    places.options.write_text("[look]\nstrength = 5\n")
    lines: list[str] = []
    update.activate(places, one, Manager(places), said(lines))
    assert lines == ["1.0-aa runs"]
    assert places.options.read_text() == "[look]\nstrength = 5\n"


def test_a_release_that_does_not_run_goes_back_by_itself(places):
    one, two = made(places, "1.0-aa"), made(places, "2.0-bb", "2.0")
    update.activate(places, one, Manager(places), said())
    with pytest.raises(
        MofyError, match=r"2\.0-bb does not work.*encoder is gone; the engine said: the camera is on fire; 1\.0-aa"
    ):
        update.activate(places, two, Manager(places, broken=("2.0",)), said())
    assert releases.current(places) == one
    assert noted(places)["state"] == "returned"


def test_a_box_without_a_camera_is_installed_and_updated(places):
    """It may be plugged in later."""
    blind = Manager(places, blind=("1.0", "2.0"))
    for release in (made(places, "1.0-aa"), made(places, "2.0-bb", "2.0")):
        update.activate(places, release, blind, said())
        assert releases.current(places) == release


def test_a_release_that_loses_the_camera_goes_back(places):
    one, two = made(places, "1.0-aa"), made(places, "2.0-bb", "2.0")
    update.activate(places, one, Manager(places), said())
    with pytest.raises(MofyError, match=r"reports no-picture.*1\.0-aa runs again"):
        update.activate(places, two, Manager(places, blind=("2.0",)), said())
    assert releases.current(places) == one


def test_a_first_installation_that_fails_says_why(places):
    with pytest.raises(MofyError, match="not found"):
        update.activate(places, made(places, "1.0-aa"), Stuck(places), said())
    assert noted(places)["state"] == "failed"


def test_without_systemd_it_is_placed_for_the_next_boot(places):
    lines: list[str] = []
    update.activate(places, made(places, "1.0-aa"), Manager(places, running=False), said(lines))
    assert lines[-1].startswith("There is no running systemd here")


def test_a_file_that_the_new_release_lacks_goes(places):
    one, two = made(places, "1.0-aa"), made(places, "1.1-bb")
    (one.folder / "systemd/mofy-old.service").write_text("[Service]\n")
    update.activate(places, one, Manager(places), said())
    assert (places.root / "etc/systemd/system/mofy-old.service").exists()
    update.activate(places, two, Manager(places), said())
    assert not (places.root / "etc/systemd/system/mofy-old.service").exists()


def test_going_back_by_hand(places):
    one, two = made(places, "1.0-aa"), made(places, "1.1-bb")
    with pytest.raises(InputError, match="no release to go back to"):
        update.rollback(places, Manager(places), said())
    update.activate(places, one, Manager(places), said())
    update.activate(places, two, Manager(places), said())
    assert update.rollback(places, Manager(places), said()) == one
    assert releases.current(places) == one


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


@needs_minisign
def test_what_was_checked_is_what_is_made(places, publisher, tmp_path, monkeypatch):
    """Whoever may write where the file lies must not get another one past the signature."""
    update.activate(places, made(places, "1.0-aa"), Manager(places), said())
    shutil.copy(publisher[0], places.publisher)
    file, evil = packed(tmp_path, "3.0", publisher[1]), packed(tmp_path, "6.6")
    check = incoming.signature.check

    def slowly(*given):
        check(*given)
        shutil.copy(evil, file)

    monkeypatch.setattr(incoming.signature, "check", slowly)
    assert update.upgrade(places, str(file), Manager(places), said()).label == "3.0-cc"


def test_uninstalling_leaves_people_and_options_unless_purged(places):
    update.activate(places, made(places, "1.0-aa"), Manager(places), said())
    (places.data / "people.db").write_text("x")
    manager = Manager(places)
    list(removal.uninstall(places, manager, purge=False))
    left = {str(path.relative_to(places.root)) for path in places.root.rglob("*") if path.is_file()}
    assert left == {"etc/mofy/mofy.toml", "var/lib/mofy/people.db", "var/lib/mofy/update.json"}
    assert manager.calls == ["stop", "disable", "forget"]
    list(removal.uninstall(places, Manager(places), purge=True))
    assert not [path for path in places.root.rglob("*") if path.is_file() or path.is_symlink()]


def test_uninstalling_closes_the_own_wifi_last(places):
    """Who types it may be in it; and a machine that is no box any more must not offer one."""
    update.activate(places, made(places, "1.0-aa"), Manager(places), said())
    wifi, opened = own.make(places.data), places.root / joining.VOLATILE / OWN_FILE
    opened.parent.mkdir(parents=True)
    opened.touch()
    asked, lines = [], []

    def answers(words, longest_s):
        asked.append((tuple(words), lines[-1], places.data.exists()))
        return Answer(0, "")

    for line in removal.uninstall(places, Manager(places), True, Nmcli(answers)):
        lines.append(line)
    closed = ("connection", "delete", "uuid", wifi.uuid)
    assert asked == [(closed, "The box's own Wi-Fi is closed now", False)]
    assert not opened.exists()


@pytest.fixture
def publisher(tmp_path):
    """A key pair without passphrase."""
    public, secret = tmp_path / "publisher.pub", tmp_path / "publisher.key"
    subprocess.run(["minisign", "-GWf", "-p", public, "-s", secret], check=True, capture_output=True)
    return public, secret


def packed(tmp_path, version, secret=None, works=True):
    """A release whose install.sh makes it by copying: what the real one does takes minutes."""
    tree = tmp_path / f"mofy-{version}"
    (tree / "systemd").mkdir(parents=True)
    script = f"""#!/bin/bash
set -e
folder="$MOFY_HOME/releases/{version}-cc"
mkdir -p "$folder/.venv/bin" "$folder/systemd" "$folder/appliance"
printf '__version__ = "{version}"\\n' >"$folder/appliance/__init__.py"
printf '#!/bin/sh\\nexit {0 if works else 1}\\n' >"$folder/.venv/bin/mofy"
chmod +x "$folder/.venv/bin/mofy"
touch "$folder/.whole"
echo {version}-cc
"""
    (tree / "install.sh").write_text(script)
    (tree / "appliance").mkdir()
    (tree / "appliance/__init__.py").write_text(f'__version__ = "{version}"\n')
    file = tmp_path / f"mofy-{version}.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        archive.add(tree, tree.name)
    if secret:
        subprocess.run(["minisign", "-Sm", file, "-s", secret], check=True, capture_output=True)
    return file


@needs_minisign
def test_a_signed_release_is_made_tried_and_run(places, publisher, tmp_path):
    update.activate(places, made(places, "1.0-aa"), Manager(places), said())
    shutil.copy(publisher[0], places.publisher)
    file = packed(tmp_path, "3.0", publisher[1])
    assert update.upgrade(places, str(file), Manager(places), said()).label == "3.0-cc"
    assert releases.current(places).label == "3.0-cc"
    assert list(places.home.glob("incoming-*")) == []


@needs_minisign
def test_what_is_not_the_publishers_changes_nothing(places, publisher, tmp_path):
    before = made(places, "1.0-aa")
    update.activate(places, before, Manager(places), said())
    unsigned, signed = packed(tmp_path, "3.0"), packed(tmp_path, "3.1", publisher[1])
    with pytest.raises(InputError, match="no publisher is trusted yet"):
        update.upgrade(places, str(signed), Manager(places), said())
    shutil.copy(publisher[0], places.publisher)
    with pytest.raises(InputError, match=r"minisig: is missing"):
        update.upgrade(places, str(unsigned), Manager(places), said())
    signed.write_bytes(signed.read_bytes() + b"\0")
    with pytest.raises(InputError, match="not signed by the publisher"):
        update.upgrade(places, str(signed), Manager(places), said())
    with pytest.raises(InputError, match="only https://"):
        update.upgrade(places, "http://x/y.tar.gz", Manager(places), said())
    assert releases.current(places) == before
    assert [one.label for one in releases.releases(places)] == ["1.0-aa"]


@needs_minisign
def test_an_older_release_is_no_upgrade(places, publisher, tmp_path):
    """It was signed once, too; and it could not read people whose tables have changed since."""
    before = made(places, "3.10-aa", "3.10")
    update.activate(places, before, Manager(places), said())
    shutil.copy(publisher[0], places.publisher)
    with pytest.raises(InputError, match=r"is 3\.9, older than 3\.10, which runs.*rollback"):
        update.upgrade(places, str(packed(tmp_path, "3.9", publisher[1])), Manager(places), said())
    assert [one.label for one in releases.releases(places)] == ["3.10-aa"]


@needs_minisign
def test_a_release_that_fails_its_self_test_never_runs(places, publisher, tmp_path):
    update.activate(places, made(places, "1.0-aa"), Manager(places), said())
    shutil.copy(publisher[0], places.publisher)
    manager = Manager(places)
    with pytest.raises(MofyError, match="failed its self-test"):
        update.upgrade(places, str(packed(tmp_path, "3.0", publisher[1], works=False)), manager, said())
    assert manager.calls == []
    assert releases.current(places).label == "1.0-aa"
    assert noted(places)["state"] == "refused"


def test_every_option_of_the_owners_file_is_there_and_off():
    from appliance.config import DEFAULTS, load

    text = system_files.options(DEFAULTS.read_text(encoding="utf-8"))
    assert "# strength = 3" in text
    assert all(not line or line[0] in "#[" for line in text.splitlines())
    assert load() is not None


BROKEN = ("2.0",)


def cut_while_tried(places, label="2.0-bb", version="2.0"):
    """The new release runs for the first time when the power goes: nothing was seen of it yet."""
    one, two = made(places, "1.0-aa"), made(places, label, version)
    update.activate(places, one, Manager(places), said())

    class Cut(Manager):
        def restart(self):
            raise SystemExit

    with pytest.raises(SystemExit):
        update.activate(places, two, Cut(places), said())
    assert releases.current(places) == two
    assert noted(places)["state"] == "installing"
    return one, two


@pytest.mark.parametrize("broken", [(), BROKEN])
def test_a_release_that_the_power_cut_off_is_tried_at_the_next_start(places, broken):
    one, two = cut_while_tried(places)
    booted = Manager(places, broken)
    booted.restart()
    update.resume(places, booted, said())
    assert releases.current(places) == (one if broken else two)
    assert releases.previous(places) == (None if broken else one)
    assert noted(places)["state"] == ("returned" if broken else "current")
    assert releases.begun_from(places) is None
    calls = list(booted.calls)
    update.resume(places, booted, said())
    assert booted.calls == calls, "there is nothing more to end"


def test_units_of_a_release_that_never_became_current_go_again(places):
    one, two = made(places, "1.0-aa"), made(places, "2.0-bb", "2.0")
    update.activate(places, one, Manager(places), said())
    (two.folder / "systemd/mofy-new.service").write_text("[Service]\n")

    class Cut(Manager):
        def prepare(self):
            raise SystemExit

    with pytest.raises(SystemExit):
        update.activate(places, two, Cut(places), said())
    assert (places.root / "etc/systemd/system/mofy-new.service").exists()
    update.resume(places, Manager(places), said())
    assert not (places.root / "etc/systemd/system/mofy-new.service").exists()
    assert (releases.current(places), noted(places)["state"]) == (one, "returned")


def test_after_a_return_there_is_no_way_back_to_what_failed(places):
    one, two = made(places, "1.0-aa"), made(places, "2.0-bb", "2.0")
    update.activate(places, one, Manager(places), said())
    with pytest.raises(MofyError, match="runs again"):
        update.activate(places, two, Manager(places, BROKEN), said())
    with pytest.raises(InputError, match="no release to go back to"):
        update.rollback(places, Manager(places), said())
    assert releases.begun_from(places) is None


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_whatever_stops_an_update_it_goes_back(places, fault):
    one, two = made(places, "1.0-aa"), made(places, "2.0-bb", "2.0")
    update.activate(places, one, Manager(places), said())

    class Stopped(Manager):
        def restart(self):
            if releases.current(places) == two:
                raise fault
            super().restart()

    with pytest.raises(MofyError, match=r"2\.0-bb does not work.*1\.0-aa runs again"):
        update.activate(places, two, Stopped(places), said())
    assert releases.current(places) == one


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

"""A copy of the people store before a new release may change its tables, for the way back."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from appliance.store import DATABASE, copies, database
from appliance.store.copies import FOLDER
from appliance.store.ownership import as_owner, like_folder
from appliance.whole_files import sync_folder

STANDING = "SELECT n.enabled, n.expires_at FROM newer.people AS n WHERE n.id = people.id"

AS_NOW = (
    "DELETE FROM people WHERE id NOT IN (SELECT id FROM newer.people)",
    f"UPDATE people SET (enabled, expires_at) = ({STANDING}) WHERE (enabled, expires_at) IS NOT ({STANDING})",
    "DELETE FROM settings",
    "INSERT INTO settings (key, value) SELECT key, value FROM newer.settings",
)
"""What was taken back since the copy was made, or wished, stays so: nobody is shown again by going back."""

AS_NOW_WHERE_KNOWN = {
    "claims": (
        "DELETE FROM claims",
        "INSERT INTO claims (id, kind, run, track, person, name, until, asked_at)"
        " SELECT id, kind, run, track, person, name, until, asked_at FROM newer.claims",
    ),
    "tokens": ("DELETE FROM tokens WHERE id NOT IN (SELECT id FROM newer.tokens)",),
    **{
        table: (f"DELETE FROM {table} WHERE (SELECT id FROM fleet) IS NOT (SELECT id FROM newer.fleet)",)
        for table in ("fleet_members", "fleet_invitations", "fleet_people")
    },
    "fleet_deleted": ("INSERT OR IGNORE INTO fleet_deleted (person) SELECT person FROM newer.fleet_deleted",),
    "fleet": ("DELETE FROM fleet WHERE id NOT IN (SELECT id FROM newer.fleet)",),
}
"""The same for what the older release may know nothing of."""

COVERED = "INSERT OR REPLACE INTO settings (key, value) VALUES ('mode', 'cover-everyone')"
"""Where none of that can be known."""


def keep(data: Path) -> Path | None:
    """Copy the database as it is now; None when there is none. Raises StoreError."""
    source = data / DATABASE
    if not source.is_file():
        return None
    folder = data / FOLDER
    with database.faults(source), as_owner(data):
        folder.mkdir(mode=0o700, exist_ok=True)
        like_folder(folder)
        copy = folder / DATABASE
        draft = folder / f".{DATABASE}"
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        like_folder(draft)
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(draft)) as new:
            old.backup(new)
        # Of a copy before this one, whose cleaning was cut off: SQLite would take it for the new one's.
        for end in ("-wal", "-shm"):
            copy.with_name(f"{copy.name}{end}").unlink(missing_ok=True)
        draft.replace(copy)
        # Whoever was deleted while it was made.
        copies.forget_deleted(source)
    return copy


def give_back(data: Path) -> bool:
    """Put the copy back where the update has changed the tables; True when it did. Raises StoreError.

    Whoever was enrolled after the update is then unknown again; whoever was deleted, switched off or covered stays so.
    Where the tables are as before nothing is touched.
    """
    store, copy = data / DATABASE, data / FOLDER / DATABASE
    if not copy.is_file() or (store.is_file() and _migrations(store) == _migrations(copy)):
        return False
    with database.faults(store), as_owner(data):
        draft = store.with_name(f".{DATABASE}.back")
        draft.unlink(missing_ok=True)
        with closing(sqlite3.connect(copy)) as old, closing(sqlite3.connect(draft)) as new:
            old.backup(new)
        draft.chmod(0o600)
        like_folder(draft)
        _bring_up_to_now(draft, store)
        if store.is_file():
            _put_aside(store, data / FOLDER / f"newer-{DATABASE}")
        # At no moment is there no store: this one replaces the newer.
        draft.replace(store)
        sync_folder(data)
    return True


def _put_aside(store: Path, aside: Path) -> None:
    """Copy the newer store whole, and leave nothing beside it that the older could take for its own."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(store)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    draft = aside.with_name(f".{aside.name}")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    like_folder(draft)
    shutil.copyfile(store, draft)
    draft.replace(aside)
    for end in ("-wal", "-shm"):
        store.with_name(f"{store.name}{end}").unlink(missing_ok=True)


def _bring_up_to_now(draft: Path, store: Path) -> None:
    with closing(sqlite3.connect(draft.absolute().as_uri(), uri=True, isolation_level=None)) as db:
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA secure_delete = ON")
        try:
            db.execute("ATTACH ? AS newer", [f"{store.absolute().as_uri()}?mode=rw"])
            db.execute("BEGIN IMMEDIATE")
            known = _tables(db, "main") & _tables(db, "newer")
            for table, steps in ({"": AS_NOW} | AS_NOW_WHERE_KNOWN).items():
                for step in steps if not table or table in known else ():
                    db.execute(step)
            db.execute("COMMIT")
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            db.execute(COVERED)


def _tables(db: sqlite3.Connection, schema: str) -> set[str]:
    return {name for (name,) in db.execute(f"SELECT name FROM {schema}.sqlite_master WHERE type = 'table'")}


def _migrations(path: Path) -> set[str] | None:
    """Names of those that ran, whichever release knows them; None for what cannot be read."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
        return {name for (name,) in file.execute("SELECT name FROM _sqlite_migrations")}
    return None

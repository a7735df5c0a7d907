"""A copy of the people store before a new release may change its tables, for the way back."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from appliance.store import DATABASE, database

FOLDER = "before-update"


def keep(data: Path) -> Path | None:
    """Copy the database as it is now; None when there is none. Raises StoreError."""
    source = data / DATABASE
    if not source.is_file():
        return None
    folder = data / FOLDER
    with database.faults(source):
        folder.mkdir(mode=0o700, exist_ok=True)
        copy = folder / DATABASE
        draft = folder / f".{DATABASE}"
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_RDWR | os.O_CREAT, 0o600))
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(draft)) as new:
            old.backup(new)
        draft.replace(copy)
    return copy


def give_back(data: Path) -> bool:
    """Put the copy back where the update has changed the tables; True when it did. Raises StoreError.

    Whoever was enrolled after the update is then unknown again; where the tables are as before nothing is touched.
    """
    store, copy = data / DATABASE, data / FOLDER / DATABASE
    if not copy.is_file() or (store.is_file() and _migrations(store) == _migrations(copy)):
        return False
    with database.faults(store):
        owner = store.stat()
        for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"):
            aside = data / FOLDER / f"newer-{name}"
            if (data / name).exists():
                (data / name).replace(aside)
        draft = store.with_name(f".{DATABASE}.back")
        draft.write_bytes(copy.read_bytes())
        draft.chmod(owner.st_mode & 0o777)
        os.chown(draft, owner.st_uid, owner.st_gid)
        draft.replace(store)
    return True


def _migrations(path: Path) -> set[str] | None:
    """Names of those that ran, whichever release knows them; None for what cannot be read."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
            return {name for (name,) in file.execute("SELECT name FROM _sqlite_migrations")}
    except sqlite3.Error:
        return None

"""The SQLite file of one folder: opened safely, brought up to date, its faults told in one line."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.errors import StoreError, system_reason
from appliance.store._tables import MIGRATIONS
from appliance.store.ownership import like_folder

if TYPE_CHECKING:
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

DATABASE = "people.db"
KEY = "key"
"""Names of the two files in a data folder."""

APPLICATION = 0x4D4F4659
"""SQLite's application_id of our files: "MOFY"."""

BUSY_MS = 10_000
"""How long one writer waits for another: far longer than any write takes, short enough for a person to wait."""

READ_BUSY_MS = 1000
"""A reader waits only while a log is being recovered or put away; the engine reads between two frames."""


def exists(folder: Path) -> bool:
    """True when the folder holds a database; raises StoreError when it may not be looked into."""
    with faults(folder):
        try:
            return (folder / DATABASE).stat().st_size > 0
        except FileNotFoundError:
            return False


def made(folder: Path) -> Path:
    """The folder's database, made with the folder when missing and brought up to date; raises StoreError."""
    path = folder / DATABASE
    if not exists(folder):
        with faults(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        prepare(path)
    elif pending(path):
        prepare(path)
    return path


@contextmanager
def reading(path: Path) -> Iterator[Database]:
    """The database for one consistent look; raises StoreError."""
    with faults(path), closing(connected(path, READ_BUSY_MS)) as database:
        database.execute("BEGIN")
        yield database
        database.rollback()


@contextmanager
def writing(path: Path) -> Iterator[Database]:
    """The database in one transaction, durable when this returns and undone when anything raises StoreError."""
    with faults(path), closing(connected(path, BUSY_MS)) as database:
        # At once, not at the first write: two writers then wait for each other instead of failing half-way.
        database.execute("BEGIN IMMEDIATE")
        try:
            yield database
            database.commit()
        except BaseException:
            database.rollback()
            raise


def forget_deleted(path: Path) -> None:
    """Empty the log into the file (whose freed pages are zeroed), so that what was deleted is in neither.

    A reader or a fault may hinder it; then the next writer's does it, and what lies there is locked anyway.
    """
    with suppress(StoreError), faults(path), closing(connected(path, BUSY_MS)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def prepare(path: Path, migrations: Mapping[str, str] | None = None) -> None:
    """Make the file (mode 0600) if it is missing and bring it up to date; raises StoreError."""
    migrations = MIGRATIONS if migrations is None else migrations
    # SQLite itself does not make one process wait while another turns the log on.
    with faults(path), alone(path.parent):
        # Never opened when it is there: closing a file lets go of every lock this process has on it, SQLite's too, and
        # the next one to close the database would take the log away from under our open connections.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        like_folder(path)
        if not pending(path, migrations):
            return
        with closing(connected(path, BUSY_MS)) as database:
            database.enable_wal()
        with writing(path) as database:
            database.execute(f"PRAGMA application_id = {APPLICATION}")
            _history(migrations).apply(database)


def pending(path: Path, migrations: Mapping[str, str] | None = None) -> bool:
    """True when the file lacks a migration; raises StoreError when it is not ours or newer than we are."""
    migrations = MIGRATIONS if migrations is None else migrations
    with reading(path) as database:
        if not database.table_names():
            return True
        if database.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
            raise StoreError(f"{path}: is the database of another program; choose another folder with --data")
        ran = {migration.name for migration in _history(migrations).applied(database)}
        if ran - set(migrations):
            raise StoreError(f"{path}: was written by a newer MOFY; update this one")
        return ran != set(migrations)


def _history(migrations: Mapping[str, str]) -> Migrations:
    from sqlite_utils.migrations import Migrations

    history = Migrations("mofy")
    for name, statements in migrations.items():
        history(name=name)(_migration(statements))
    return history


def _migration(statements: str) -> Callable[[Database], None]:
    def run(database: Database) -> None:
        # Not executescript: it would commit, and with that leave half a migration behind when killed.
        for statement in _statements(statements):
            database.execute(statement)

    return run


def _statements(text: str) -> Iterator[str]:
    """One at a time; the body of a trigger holds semicolons of its own."""
    statement = ""
    for piece in text.split(";"):
        statement += piece + ";"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which all processes share; raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def connected(path: Path, busy_ms: int) -> Database:
    """A connection to the existing file that waits so long for a lock; one that only reads in a read-only folder."""
    from sqlite_utils import Database

    address = path.absolute().as_uri()
    if all(os.access(place, os.W_OK, effective_ids=True) for place in (path, path.parent)):
        mode = "?mode=rw"
    elif path.with_name(path.name + "-wal").exists():
        mode = "?mode=ro"
    else:
        # Without a log nobody is writing, and SQLite could not make the log's index beside it.
        mode = "?mode=ro&immutable=1"
    connection = sqlite3.connect(address + mode, uri=True, timeout=busy_ms / 1000)
    try:
        database = Database(connection, execute_plugins=False)
        for pragma in ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
            database.execute(f"PRAGMA {pragma}").fetchall()
    except BaseException:
        connection.close()
        raise
    return database


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """Whatever SQLite or the file system says, as a StoreError of one line."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {_told(error)}") from None
    except OSError as error:
        raise StoreError(f"{path}: {system_reason(error)}") from None


def _told(error: sqlite3.Error) -> str:
    text = str(error).lower()
    for sign, meaning in (
        ("locked", "is in use by another program; try again in a moment"),
        ("readonly", "cannot be written: file or folder is read-only"),
        ("full", "cannot be saved: the disk is full"),
        ("disk i/o", "cannot be read or saved: the disk is full or failing"),
        ("unable to open", "cannot be opened: check that file and folder may be read and written"),
        (
            "not a database",
            "is damaged: it is no SQLite database; restore a backup, or move it away and `import` an export",
        ),
        ("malformed", "is damaged; restore a backup, or move it away and `import` an export"),
    ):
        if sign in text:
            return meaning
    return f"cannot be used ({text})"

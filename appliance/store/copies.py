"""Copies of the store that lie beside it for the way back from an update: who is deleted is deleted there too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from appliance.errors import StoreError
from appliance.store import database
from appliance.store.records import TABLES

FOLDER = "before-update"


def forget_deleted(path: Path, people: Iterable[str] = ()) -> None:
    """See database.forget_deleted; also in every copy: these people, and photos that those in the store have no more.

    A copy in which that cannot be done is removed: better no way back than somebody who was promised to be gone.
    """
    database.forget_deleted(path)
    for copy in _copies(path):
        with _clean_or_gone(copy):
            _forget(copy, {*people, *_removed(path)}, _photos(path))


def forget_removed(path: Path) -> None:
    """The same of those of whom the audit tells that they were removed: the power may have gone before they were here.

    Raises StoreError, and touches no copy, where the store cannot be read.
    """
    removed, photos = _removed(path), _photos(path)
    for copy in _copies(path):
        with _clean_or_gone(copy):
            _forget(copy, removed, photos)


def _copies(path: Path) -> list[Path]:
    return sorted((path.parent / FOLDER).glob("[!.]*.db"))


@contextmanager
def _clean_or_gone(copy: Path) -> Iterator[None]:
    try:
        yield
        database.forget_deleted(copy)
    except StoreError:
        for part in (copy, *(copy.with_name(f"{copy.name}{end}") for end in ("-wal", "-shm"))):
            with database.faults(part):
                part.unlink(missing_ok=True)


def _removed(path: Path) -> set[str]:
    """Ids of people of whom the audit says that they were removed; an id is never anybody else's."""
    with database.reading(path) as db:
        lines = db.query("SELECT what FROM audit WHERE what GLOB 'person *: removed*'")
        return {line["what"].split(":")[0].removeprefix("person ") for line in lines}


def _photos(path: Path) -> Mapping[str, set[str]]:
    """Ids of the photos in the store, by person."""
    with database.reading(path) as db:
        found: dict[str, set[str]] = {row["id"]: set() for row in db.query("SELECT id FROM people")}
        for table in TABLES:
            for row in db.query(f"SELECT id, person FROM {table}"):
                found[row["person"]].add(row["id"])
    return found


def _forget(copy: Path, people: Iterable[str], photos: Mapping[str, set[str]]) -> None:
    with database.writing(copy) as db:
        for person in people:
            db.execute("DELETE FROM people WHERE id = ?", [person])
        for table in TABLES:
            if db.table(table).exists():
                for row in list(db.query(f"SELECT id, person FROM {table}")):
                    if row["id"] not in photos.get(row["person"], {row["id"]}):
                        db.table(table).delete(row["id"])

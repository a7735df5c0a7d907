"""People as a fleet exchanges them: whole, with their versions, and with the ids that they have on every box.

Crops and embeddings travel as they lie here, opened with this box's key; nothing is decoded but to check it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from appliance.core.replication import GONE, NEVER, Revision, edited
from appliance.errors import StoreError
from appliance.store import copies, database
from appliance.store.people import NAME_MOST, same_name
from appliance.store.records import TABLES, Records, Table, place
from appliance.store.vault import Vault

if TYPE_CHECKING:
    from sqlite_utils import Database

WHO = "fleet"


@dataclass(frozen=True, slots=True)
class Face:
    """One photo's worth of a person, as bytes."""

    id: str
    table: Table
    model: str
    embedding: bytes
    """Little-endian float32."""
    crop: bytes
    """PNG of 112x112 pixels."""
    quality: float
    turn: float
    created_at: float


@dataclass(frozen=True, slots=True)
class Person:
    """Everything that boxes tell each other of a person. Times are epoch seconds."""

    id: str
    name: str
    note: str
    enabled: bool
    created_at: float
    expires_at: float | None
    faces: tuple[Face, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """What another box says of a person: the version, and the person unless it says that he is gone."""

    id: str
    revision: Revision
    person: Person | None


class Shared:
    """The people of one store as versions; each call is one transaction. Errors are StoreError."""

    def __init__(self, path: Path, vault: Vault) -> None:
        """Not to be called: `Store.shared` does."""
        self._path = path
        self._vault = vault

    def revisions(self) -> dict[str, Revision]:
        """The version of everybody, those who are gone included; what was changed here gets its version now."""
        with database.reading(self._path) as db:
            if not _changed(db):
                return _revisions(db)
        with database.writing(self._path) as db:
            _settle(db)
            return _revisions(db)

    def person(self, person: str) -> Heard | None:
        """What this box says of a person; None when it never knew him, or he is being changed this very moment."""
        self.revisions()
        with database.reading(self._path) as db:
            revision = _revision(db, person)
            if revision == NEVER or person in _changed(db):
                return None
            return Heard(person, revision, None if revision.gone else self._person(db, person))

    def take(self, heard: Sequence[Heard]) -> list[Heard]:
        """Take over what is newer than what is here, all or (StoreError) nothing; returns what was taken.

        One who is gone is removed as `Store.remove` does it. Two who come to have one name are told apart.
        """
        with database.writing(self._path) as db:
            _settle(db)
            known = {one.id for one in heard if _revision(db, one.id) != NEVER}
            taken = [one for one in heard if self._newer(db, one)]
            if any(one.person for one in taken):
                self._part_namesakes(db)
        if any(one.id in known or one.revision.gone for one in taken):
            copies.forget_deleted(self._path, [one.id for one in taken if one.revision.gone])
        return taken

    def _newer(self, db: Database, heard: Heard) -> bool:
        if heard.revision <= _revision(db, heard.id):
            return False
        records = Records(db, self._vault)
        if heard.person is None:
            # Of one who never was here the trigger says nothing, and he must not come later either.
            db.execute("DELETE FROM people WHERE id = ?", [heard.id])
            db.execute("INSERT OR IGNORE INTO fleet_deleted (person) VALUES (?)", [heard.id])
            records.note_down(WHO, f"person {heard.id}: removed, as on another box")
            return True
        self._put(db, heard.person)
        revision = heard.revision
        db.execute(
            "INSERT INTO fleet_people (person, counter, box, nonce, changed, here) VALUES (?, ?, ?, ?, 0, 0)"
            " ON CONFLICT (person) DO UPDATE SET counter = excluded.counter, box = excluded.box,"
            " nonce = excluded.nonce, changed = 0",
            [heard.id, revision.counter, revision.box, revision.nonce],
        )
        records.note_down(WHO, f"person {heard.id}: taken over from box {revision.box}")
        return True

    def _put(self, db: Database, person: Person) -> None:
        before = next(db.query("SELECT 1 FROM people WHERE id = ?", [person.id]), None)
        columns = {
            "name": self._vault.lock(person.name.encode(), place("people", person.id, "name")),
            "note": self._vault.lock(person.note.encode(), place("people", person.id, "note")),
            "enabled": int(person.enabled),
            "created_at": person.created_at,
            "expires_at": person.expires_at,
        }
        if before is None:
            db.table("people").insert({"id": person.id, **columns})
            # By the trigger as made here, which it is not.
            db.execute("UPDATE fleet_people SET here = 0 WHERE person = ?", [person.id])
        else:
            db.table("people").update(person.id, columns)
        for table in TABLES:
            self._put_faces(db, person.id, table, [face for face in person.faces if face.table == table])

    def _put_faces(self, db: Database, person: str, table: Table, faces: Sequence[Face]) -> None:
        here = {row["id"]: row["model"] for row in db.table(table).rows_where("person = ?", [person])}
        wanted = {face.id for face in faces}
        for gone in here.keys() - wanted:
            db.table(table).delete(gone)
        for face in faces:
            # A crop never changes under its id, and the embedding that is here is of this box's own model.
            # Nor does a face leave the person it was enrolled for.
            if face.id not in here and not db.table(table).count_where("id = ?", [face.id]):
                self._insert_face(db, person, face)

    def _insert_face(self, db: Database, person: str, face: Face) -> None:
        row = (face.id, person, face.model)
        blobs = {"embedding": face.embedding, "crop": face.crop}
        db.table(face.table).insert(
            {
                "id": face.id,
                "person": person,
                "model": face.model,
                "quality": face.quality,
                "turn": face.turn,
                "created_at": face.created_at,
                **{name: self._vault.lock(blob, place(face.table, *row, name)) for name, blob in blobs.items()},
            }
        )

    def _person(self, db: Database, person: str) -> Person:
        row = next(db.query("SELECT * FROM people WHERE id = ?", [person]))
        faces = [self._face(table, face) for table in TABLES for face in _faces(db, table, person)]
        return Person(
            id=person,
            name=self._vault.open(row["name"], place("people", person, "name")).decode(),
            note=self._vault.open(row["note"], place("people", person, "note")).decode(),
            enabled=bool(row["enabled"]),
            created_at=row["created_at"],
            expires_at=row["expires_at"],
            faces=tuple(faces),
        )

    def _face(self, table: Table, row: dict[str, Any]) -> Face:
        of = (table, row["id"], row["person"], row["model"])
        embedding, crop = (self._vault.open(row[name], place(*of, name)) for name in ("embedding", "crop"))
        return Face(row["id"], table, row["model"], embedding, crop, row["quality"], row["turn"], row["created_at"])

    def _part_namesakes(self, db: Database) -> None:
        """Of two people of one name the one with the greater id gets a piece of it behind the name, on every box."""
        records = Records(db, self._vault)
        holders: set[str] = set()
        for row in db.query("SELECT id, name FROM people ORDER BY id"):
            name = self._vault.open(row["name"], place("people", row["id"], "name")).decode()
            if same_name(name) in holders:
                mark = f" ({row['id'][:6]})"
                name = name[: NAME_MOST - len(mark)].strip() + mark
                records.rename(row["id"], name)
                records.note_down(WHO, f"person {row['id']}: renamed, for two had one name")
            holders.add(same_name(name))


def _faces(db: Database, table: Table, person: str) -> Iterable[dict[str, Any]]:
    found: Iterable[dict[str, Any]] = db.table(table).rows_where("person = ?", [person], order_by="created_at, rowid")
    return found


def _changed(db: Database) -> list[str]:
    """Ids of people changed here since they last got a version."""
    return [row["person"] for row in db.query("SELECT person FROM fleet_people WHERE changed")]


def _settle(db: Database) -> None:
    """Give everybody who was changed here a version."""
    fleet = next(db.query("SELECT box FROM fleet"), None)
    if fleet is None:
        raise StoreError("this box is in no fleet; `mofy fleet join` brings it into one")
    # An old copy of the rows put back by hand must not bring anybody back.
    for row in list(db.query("SELECT id FROM people WHERE id IN (SELECT person FROM fleet_deleted)")):
        db.table("people").delete(row["id"])
    for person in _changed(db):
        revision = edited(_revision(db, person), fleet["box"], secrets.token_hex(4))
        db.execute(
            "UPDATE fleet_people SET counter = ?, box = ?, nonce = ?, changed = 0 WHERE person = ?",
            [revision.counter, revision.box, revision.nonce, person],
        )


def _revision(db: Database, person: str) -> Revision:
    if next(db.query("SELECT 1 FROM fleet_deleted WHERE person = ?", [person]), None):
        return GONE
    row = next(db.query("SELECT counter, box, nonce FROM fleet_people WHERE person = ?", [person]), None)
    return Revision(False, row["counter"], row["box"], row["nonce"]) if row else NEVER


def _revisions(db: Database) -> dict[str, Revision]:
    known = {
        row["person"]: Revision(False, row["counter"], row["box"], row["nonce"])
        for row in db.query("SELECT person, counter, box, nonce FROM fleet_people")
    }
    return known | {row["person"]: GONE for row in db.query("SELECT person FROM fleet_deleted")}

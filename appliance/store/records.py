"""The rows of people and templates, locked on their way in and opened on their way out."""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.core.alignment import CROP_PX
from appliance.core.faces import Embedding
from appliance.core.frames import RgbImage, uint8
from appliance.errors import InputError, StoreError
from appliance.store import journal
from appliance.store.people import Dossier, Enrolled, Named, TakenError, Template, clean_name, clean_note, same_name
from appliance.store.vault import Vault

if TYPE_CHECKING:
    from sqlite_utils import Database

Widen = Callable[[str, Embedding, Callable[[], RgbImage]], Embedding]
"""Of a stored embedding, by its id, and the crop it was made of when it is asked for: what faces are compared with."""

Table = Literal["templates", "rejected"]
"""What a person looks like, and what others look like who are not this person. Two tables, each row bound to its own:
no row becomes a template by a changed word."""

TABLES: tuple[Table, ...] = ("templates", "rejected")

PEOPLE = (
    "SELECT people.*, "
    + ", ".join(
        f"(SELECT count(*) FROM {table} WHERE {table}.person = people.id) AS {count}"
        for table, count in zip(TABLES, ("photos", "rejected"))
    )
    + " FROM people"
)


class Records:
    """One transaction's view of the tables; lives no longer than it."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._db = database
        self._vault = vault

    def people(self) -> list[Enrolled]:
        """Everybody, in no order."""
        return [self._enrolled(row) for row in self._db.query(PEOPLE)]

    def person(self, person: str) -> Enrolled:
        """The person of this id, which must exist."""
        return self._enrolled(next(self._db.query(f"{PEOPLE} WHERE people.id = ?", [person])))

    def find(self, name: str) -> Enrolled | None:
        """The person of this name in any case, or None; names are locked, so all are opened and compared."""
        wanted = same_name(clean_name(name))
        return next((person for person in self.people() if same_name(person.name) == wanted), None)

    def known(self, named: Named) -> Enrolled:
        """The person who is meant, as he is now; raises InputError when there is none."""
        if isinstance(named, Enrolled):
            found = next(self._db.query(f"{PEOPLE} WHERE people.id = ?", [named.id]), None)
            if found is None:
                raise InputError("this person is not enrolled any more")
            return self._enrolled(found)
        person = self.find(named)
        if person is None:
            raise InputError(f"nobody is enrolled as {clean_name(named)!r}; `mofy people list` shows who is")
        return person

    def make(self, name: str) -> Enrolled:
        """A new person, enabled, without note, expiry or templates; the name must be free."""
        person = secrets.token_hex(8)
        columns = {
            "id": person,
            "name": self._vault.lock(clean_name(name).encode(), place("people", person, "name")),
            "note": self._vault.lock(b"", place("people", person, "note")),
            "enabled": 1,
            "created_at": time.time(),
        }
        self._db.table("people").insert(columns)
        return self.person(person)

    def rename(self, person: str, name: str) -> None:
        """Raises InputError when somebody else has the name."""
        holder = self.find(name)
        if holder is not None and holder.id != person:
            raise TakenError(holder.name)
        locked = self._vault.lock(clean_name(name).encode(), place("people", person, "name"))
        self._db.table("people").update(person, {"name": locked})

    def alter(
        self, person: str, note: str | None = None, expires_at: float | None = None, enabled: bool | None = None
    ) -> None:
        """Set what is not None; expires_at math.inf means never."""
        changes: dict[str, Any] = {}
        if note is not None:
            changes["note"] = self._vault.lock(clean_note(note).encode(), place("people", person, "note"))
        if expires_at is not None:
            changes["expires_at"] = None if math.isinf(expires_at) else expires_at
        if enabled is not None:
            changes["enabled"] = int(enabled)
        if changes:
            self._db.table("people").update(person, changes)

    def delete(self, person: str) -> None:
        """The person and, by the schema, every template and everybody rejected; and wishes about him."""
        self._db.table("claims").delete_where("person = ?", [person])
        self._db.table("people").delete(person)

    def templates(self, person: str, table: Table = "templates") -> Iterator[Template]:
        """A person's templates, oldest first."""
        for row in self._db.table(table).rows_where("person = ?", [person], order_by="created_at, rowid"):
            crop = self._crop(table, row)
            yield Template(row["model"], self._embedding(table, row), crop, row["quality"], row["turn"], row["id"])

    def dossier(self, person: Enrolled) -> Dossier:
        """Everything of a person."""
        return Dossier(person, list(self.templates(person.id)), list(self.templates(person.id, "rejected")))

    def embeddings(
        self, model: str, table: Table = "templates", widen: Widen | None = None
    ) -> dict[str, list[Embedding]]:
        """Embeddings of one model by person id; crops are left locked but where `widen` looks at one."""
        found: dict[str, list[Embedding]] = {}
        columns = "id, person, model, embedding" if widen is None else "*"
        for row in self._db.query(f"SELECT {columns} FROM {table} WHERE model = ?", [model]):
            embedding = self._embedding(table, row)
            if widen is not None:
                embedding = widen(row["id"], embedding, partial(self._crop, table, row))
            found.setdefault(row["person"], []).append(embedding)
        return found

    def outdated(self, model: str) -> dict[str, RgbImage]:
        """Crops, by template id, of templates and rejected ones made by any other model."""
        return {
            row["id"]: self._crop(table, row)
            for table in TABLES
            for row in self._db.table(table).rows_where("model <> ?", [model])
        }

    def count_outdated(self, model: str) -> int:
        """How many those are."""
        return sum(int(self._db.table(table).count_where("model <> ?", [model])) for table in TABLES)

    def half_known(self, model: str) -> set[str]:
        """Ids of people with somebody rejected whom this model cannot tell: it must not show them."""
        return {row["person"] for row in self._db.query("SELECT person FROM rejected WHERE model <> ?", [model])}

    def add_templates(self, person: str, templates: Sequence[Template], table: Table = "templates") -> None:
        """Each gets an id of its own, whatever id it has."""
        for template in templates:
            columns = {"person": person, "quality": template.quality, "turn": template.turn, "created_at": time.time()}
            row = (secrets.token_hex(8), person, template.model)
            self._db.table(table).insert(columns | self._locked(table, row, template.embedding, template.crop))

    def re_embed(self, template: str, model: str, embedding: Embedding) -> None:
        """Put another model's embedding in place; nothing happens when the template is gone."""
        for table in TABLES:
            for row in list(self._db.table(table).rows_where("id = ?", [template])):
                changes = self._locked(table, (template, row["person"], model), embedding, self._crop(table, row))
                self._db.table(table).update(template, changes)

    def drop_templates(self, person: str, table: Table = "templates") -> None:
        """All of a person's templates."""
        self._db.table(table).delete_where("person = ?", [person])

    def note_down(self, who: str, what: str) -> None:
        """One line of the audit."""
        journal.note_down(self._db, who, what)

    def _enrolled(self, row: dict[str, Any]) -> Enrolled:
        return Enrolled(
            id=row["id"],
            name=self._vault.open(row["name"], place("people", row["id"], "name")).decode(),
            note=self._vault.open(row["note"], place("people", row["id"], "note")).decode(),
            enabled=bool(row["enabled"]),
            created_at=row["created_at"],
            expires_at=row["expires_at"],
            photos=row["photos"],
            rejected=row["rejected"],
        )

    def _locked(self, table: Table, row: tuple[str, str, str], embedding: Embedding, crop: RgbImage) -> dict[str, Any]:
        """row: the template's id, the person's and the model's."""
        blobs = {"embedding": embedding.astype("<f4").tobytes(), "crop": packed(crop)}
        locked = {column: self._vault.lock(blob, place(table, *row, column)) for column, blob in blobs.items()}
        return {"id": row[0], "model": row[2], **locked}

    def _embedding(self, table: Table, row: dict[str, Any]) -> Embedding:
        where = place(table, row["id"], row["person"], row["model"], "embedding")
        return np.frombuffer(self._vault.open(row["embedding"], where), "<f4").astype(np.float32)

    def _crop(self, table: Table, row: dict[str, Any]) -> RgbImage:
        where = place(table, row["id"], row["person"], row["model"], "crop")
        return unpacked(self._vault.open(row["crop"], where))


def place(*parts: str) -> str:
    """What a locked piece is bound to: a template's person and model too, so that nobody is shown by another's face."""
    return "/".join(parts)


def packed(crop: RgbImage) -> bytes:
    """The crop as PNG: lossless, so that another model can look at it anew."""
    done, encoded = cv2.imencode(".png", cv2.cvtColor(crop, cv2.COLOR_RGB2BGR))
    assert done, "PNG can hold every picture of bytes"
    return encoded.tobytes()


def unpacked(png: bytes) -> RgbImage:
    """The (112, 112, 3) crop; raises StoreError for anything else."""
    buffer: NDArray[np.uint8] = np.frombuffer(png, np.uint8)
    picture = cv2.imdecode(buffer, cv2.IMREAD_COLOR) if buffer.size else None
    if picture is None or picture.shape != (CROP_PX, CROP_PX, 3):
        raise StoreError(f"a stored face is damaged: a PNG of {CROP_PX}x{CROP_PX} pixels was expected")
    return uint8(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))

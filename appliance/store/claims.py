"""Wishes about one face in the picture: reveal it as a guest, or keep it covered. Rows; what the engine makes of them
stands in its report.

Numbers of tracks begin anew with each run of the engine, so a wish that names a track names the run too and means
nothing to another one. A guest's name is locked when it is given; nothing else here needs the key.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from appliance.errors import InputError

if TYPE_CHECKING:
    from sqlite_utils import Database

Kind = Literal["reveal", "cover", "cover-person"]

MOST = 200
"""Wishes at once: more than any scene has faces, few enough to be looked through before every frame."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One wish. Times are epoch seconds."""

    id: str
    kind: Kind
    until: float | None
    """None: until it is taken back."""
    asked_at: float
    """When it was wished last: the same wish again keeps its id."""
    run: str | None = None
    track: int | None = None
    """The engine's run and its number of the face; None for a person."""
    person: str | None = None
    """Id of the person who is to be covered, whatever track he is found as."""
    name: str | None = None
    """The guest's, if one was given and the key is there to read it."""

    def holds(self, now: float) -> bool:
        """True until it ends by itself."""
        return self.until is None or self.until > now


def find(database: Database, kind: Kind, run: str | None, track: int | None, person: str | None) -> str | None:
    """The id of the wish of this kind about the same face, if there is one."""
    same = "SELECT id FROM claims WHERE kind = ? AND run IS ? AND track IS ? AND person IS ?"
    row = next(database.query(same, [kind, run, track, person]), None)
    return None if row is None else str(row["id"])


def put(database: Database, columns: dict[str, Any]) -> str:
    """Store a wish, in the place of the same one if there is one; its id. Raises InputError when there are too many."""
    row = {**columns, "id": columns.get("id") or secrets.token_hex(8)}
    database.table("claims").upsert(row, pk="id")
    if database.table("claims").count > MOST:
        raise InputError(f"there are {MOST} wishes about single faces already; take some back first")
    return str(row["id"])


def tidy(database: Database, now: float, run: str | None) -> None:
    """Drop what has ended by `now`, and what was said to another run of the engine than this, if one is given."""
    database.table("claims").delete_where("until <= ?", [now])
    if run is not None:
        database.table("claims").delete_where("run <> ?", [run])

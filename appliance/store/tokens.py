"""Tokens by which programs are let in to the API. Only hashes are kept: a token is seen once, when it is made."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance.errors import InputError
from appliance.store import database, journal
from appliance.store.database import DATABASE, exists

PREFIX = "mofy_"
"""Lets a person, and a scanner of published code, see what it is."""

MOST = 50
MOST_NAME_LETTERS = 40


@dataclass(frozen=True, slots=True)
class Token:
    """One token, but for itself."""

    id: str
    name: str
    created_at: float
    """Epoch seconds."""


class Tokens:
    """The tokens of one folder. Each call is one transaction; raises StoreError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> list[Token]:
        """Every token, oldest first."""
        return [Token(row["id"], row["name"], row["created_at"]) for row in self._rows()]

    def make(self, name: str, who: str) -> str:
        """A new token; the only time that it can be seen. Raises InputError for a name that cannot be used."""
        clean = " ".join(name.split())
        if not clean or len(clean) > MOST_NAME_LETTERS or not clean.isprintable():
            raise InputError(f"a token needs a name of at most {MOST_NAME_LETTERS} letters, such as the program's")
        secret = PREFIX + secrets.token_urlsafe(32)
        with database.writing(database.made(self._folder)) as db:
            rows = list(db.query("SELECT name FROM tokens"))
            if any(row["name"] == clean for row in rows):
                raise InputError(f"there is a token {clean!r} already; choose another name, or revoke it first")
            if len(rows) >= MOST:
                raise InputError(f"there are {MOST} tokens already; revoke some first")
            columns = {"id": secrets.token_hex(8), "name": clean, "hash": _hash(secret), "created_at": time.time()}
            db.table("tokens").insert(columns)
            journal.note_down(db, who, f"token {clean}: made")
        return secret

    def revoke(self, token: str, who: str) -> bool:
        """End a token by its id or name; False when there is none."""
        with database.writing(database.made(self._folder)) as db:
            found = list(db.query("SELECT id, name FROM tokens WHERE id = ? OR name = ?", [token, token]))
            for row in found:
                db.table("tokens").delete(row["id"])
                journal.note_down(db, who, f"token {row['name']}: revoked")
        return bool(found)

    def known(self, secret: str) -> Token | None:
        """Whose token it is; None for a stranger's."""
        if not secret.startswith(PREFIX):
            return None
        wanted = _hash(secret)
        found = next((row for row in self._rows() if secrets.compare_digest(row["hash"], wanted)), None)
        return None if found is None else Token(found["id"], found["name"], found["created_at"])

    def _rows(self) -> list[dict[str, Any]]:
        if not exists(self._folder):
            return []
        with database.reading(self._folder / DATABASE) as db:
            if not db.table("tokens").exists():  # a database that this version has not written to yet
                return []
            return list(db.query("SELECT * FROM tokens ORDER BY created_at, id"))


def _hash(secret: str) -> str:
    # Nobody guesses 256 random bits: what makes guessing slow for a PIN would only make asking slow here.
    return hashlib.sha256(secret.encode()).hexdigest()

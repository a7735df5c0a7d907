"""The tables of people, wishes and tokens, each with the version that brought it."""

from __future__ import annotations

from appliance.store._fleet_tables import FLEET


def _faces(table: str) -> str:
    return f"""
        CREATE TABLE {table} (
            id TEXT PRIMARY KEY,
            person TEXT NOT NULL REFERENCES people(id) ON DELETE CASCADE,
            model TEXT NOT NULL,
            embedding BLOB NOT NULL,
            crop BLOB NOT NULL,
            quality REAL NOT NULL,
            turn REAL NOT NULL,
            created_at REAL NOT NULL
        );
        CREATE INDEX {table}_person ON {table}(person)
    """


MIGRATIONS = {
    "0001_people": f"""
        CREATE TABLE people (
            id TEXT PRIMARY KEY,
            name BLOB NOT NULL,
            note BLOB NOT NULL,
            enabled INTEGER NOT NULL DEFAULT 1,
            created_at REAL NOT NULL,
            expires_at REAL
        );
        {_faces("templates")};
        CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);
        CREATE TABLE audit (id INTEGER PRIMARY KEY, at REAL NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL)
    """,
    "0002_rejected": _faces("rejected"),
    "0003_claims": """
        CREATE TABLE claims (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            run TEXT,
            track INTEGER,
            person TEXT,
            name BLOB,
            until REAL,
            asked_at REAL NOT NULL
        )
    """,
    "0004_fleet": FLEET,
    "0006_tokens": """
        CREATE TABLE tokens (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            hash TEXT NOT NULL UNIQUE,
            created_at REAL NOT NULL
        )
    """,
}
"""Name to SQL, oldest first; each runs in one transaction with the record that it ran, and never changes again."""

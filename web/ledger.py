"""What the page alone remembers: its PIN, who guessed at it, and the links given to guests.

A database of its own: the engine looks up at every change of the people's, and guesses at a PIN must not disturb it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.store import database

if TYPE_CHECKING:
    from sqlite_utils import Database

NAME = "page.db"

MIGRATIONS = {
    "0001_door": """
        CREATE TABLE pin (id INTEGER PRIMARY KEY CHECK (id = 1), hash TEXT NOT NULL, epoch INTEGER NOT NULL);
        CREATE TABLE tries (source TEXT PRIMARY KEY, count INTEGER NOT NULL, last_at REAL NOT NULL);
        CREATE TABLE links (
            id TEXT PRIMARY KEY,
            made_at REAL NOT NULL,
            expires_at REAL NOT NULL,
            opened_at REAL,
            person TEXT
        )
    """,
}

EVERYBODY = "*"
"""The row that counts the tries of all sources together."""


@contextmanager
def reading(data: Path) -> Iterator[Database]:
    """The ledger for one look; raises StoreError."""
    with database.reading(_prepared(data)) as db:
        yield db


@contextmanager
def writing(data: Path) -> Iterator[Database]:
    """The ledger in one transaction; raises StoreError."""
    with database.writing(_prepared(data)) as db:
        yield db


def source_of(address: str) -> str:
    """By what a visitor is counted: an IPv4 address, or the /64 that one household has of IPv6."""
    try:
        given = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(given, ipaddress.IPv6Address) and given.ipv4_mapped is None:
        return str(ipaddress.ip_network((given, 64), strict=False))
    return str(getattr(given, "ipv4_mapped", None) or given)


def _prepared(data: Path) -> Path:
    path = data / NAME
    if not path.exists() or database.pending(path, MIGRATIONS):
        with database.faults(data):
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
        database.prepare(path, MIGRATIONS)
    return path

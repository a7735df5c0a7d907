"""The audit: who changed what, and when. People appear by id, never by name, for the audit outlives them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

KEPT = 10_000
"""Entries that are kept: years of a box's life, a megabyte at most."""


def note_down(database: Database, who: str, what: str) -> None:
    """Add one line; who: the front-end that asked."""
    database.table("audit").insert({"at": time.time(), "who": who, "what": what})
    database.execute("DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?", [KEPT])


def newest(database: Database, most: int) -> list[tuple[float, str, str]]:
    """(epoch seconds, who, what) of the newest changes, newest first."""
    rows = database.table("audit").rows_where(order_by="id desc", limit=most)
    return [(row["at"], row["who"], row["what"]) for row in rows]

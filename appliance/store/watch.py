"""Has anything in the store changed? Asked many times a second, so it reads next to nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from appliance.store import database, sealing


class Watch:
    """Keeps one connection to a database, and an eye on the key beside it, open or sealed."""

    def __init__(self, path: Path, key: Path) -> None:
        self._path = path
        self._key = key
        self._index = path.with_name(path.name + "-shm")
        self._connection: sqlite3.Connection | None = None
        self._seen: tuple[object, ...] = ()
        self._used: tuple[int, int] | None = None
        """Which index of the log the connection has open."""
        self._version = 0

    def version(self) -> int:
        """Rises whenever a change was committed, or a file replaced or lost; raises StoreError without a database."""
        with database.faults(self._path):
            # A restored backup is another file under the same name: the connection would go on seeing the old one. So
            # it would if the log's index went from under it, and then no wish would be heard any more.
            files = (_identity(self._path), _identity(self._key), _identity(sealing.sealed(self._key)))
            if self._connection is None or (*files, _identity(self._index)) != (*self._seen[:3], self._used):
                self.close()
                self._connection = database.connected(self._path, database.READ_BUSY_MS).conn
                self._seen = ()
            (commits,) = self._connection.execute("PRAGMA data_version").fetchone()
            self._used = _identity(self._index)
        if (*files, commits) != self._seen:
            self._seen = (*files, commits)
            self._version += 1
        return self._version

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino

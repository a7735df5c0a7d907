"""The tables of a fleet, and the triggers through which every writer's changes of people are noticed.

Whoever changes people (command line, page, import, an enrolment of another version of MOFY) writes these tables, and
none has to think of the fleet. A new embedding of the same crop is no change: each box makes its own.
"""

from __future__ import annotations


def _touch(table: str, event: str, row: str, when: str = "") -> str:
    condition = f"EXISTS (SELECT 1 FROM fleet){when}"
    return f"""
        CREATE TRIGGER fleet_{table}_{event} AFTER {event} ON {table} WHEN {condition} BEGIN
            UPDATE fleet_people SET changed = 1 WHERE person = {row}.person;
        END;
    """


FACES = "".join(
    _touch(table, "INSERT", "NEW")
    + _touch(table, "DELETE", "OLD")
    + _touch(table, "UPDATE", "NEW", " AND NEW.model = OLD.model")
    for table in ("templates", "rejected")
)

FLEET = f"""
    CREATE TABLE fleet (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        id TEXT NOT NULL,
        box TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        obeyed INTEGER NOT NULL DEFAULT 0,
        secrets BLOB NOT NULL
    );
    CREATE TABLE fleet_members (
        box TEXT PRIMARY KEY,
        card BLOB NOT NULL,
        removed INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE fleet_invitations (
        id TEXT PRIMARY KEY,
        secret BLOB NOT NULL,
        expires_at REAL NOT NULL,
        taken_by TEXT
    );
    CREATE TABLE fleet_people (
        person TEXT PRIMARY KEY,
        counter INTEGER NOT NULL DEFAULT 0,
        box TEXT NOT NULL DEFAULT '',
        nonce TEXT NOT NULL DEFAULT '',
        changed INTEGER NOT NULL DEFAULT 1,
        here INTEGER NOT NULL DEFAULT 1
    );
    CREATE TABLE fleet_deleted (person TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TRIGGER fleet_people_INSERT AFTER INSERT ON people WHEN EXISTS (SELECT 1 FROM fleet) BEGIN
        INSERT OR IGNORE INTO fleet_people (person) VALUES (NEW.id);
    END;
    CREATE TRIGGER fleet_people_UPDATE AFTER UPDATE ON people WHEN EXISTS (SELECT 1 FROM fleet) BEGIN
        UPDATE fleet_people SET changed = 1 WHERE person = NEW.id;
    END;
    CREATE TRIGGER fleet_people_DELETE AFTER DELETE ON people WHEN EXISTS (SELECT 1 FROM fleet) BEGIN
        DELETE FROM fleet_people WHERE person = OLD.id;
        INSERT OR IGNORE INTO fleet_deleted (person) VALUES (OLD.id);
    END;
    {FACES}
"""

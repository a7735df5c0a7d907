"""What is wished of the running engine: settings, and claims on single faces. No key is needed to wish.

Whoever lost the key, or enrolled nobody yet, must still be able to cover everyone.
"""

from __future__ import annotations

import math
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.errors import InputError, StoreError
from appliance.store import claims as rows
from appliance.store import database, journal
from appliance.store.claims import Claim, Kind
from appliance.store.database import DATABASE, KEY, exists
from appliance.store.people import clean_name
from appliance.store.vault import Vault, make_key, read_key

if TYPE_CHECKING:
    from sqlite_utils import Database


def put_setting(db: Database, key: str, value: str | None, who: str) -> None:
    """Wish a setting within a transaction; None takes the wish back."""
    db.table("settings").delete_where("key = ?", [key])
    if value is not None:
        db.table("settings").insert({"key": key, "value": value})
    journal.note_down(db, who, f"setting {key}: {'taken back' if value is None else value}")


class Desired:
    """The wishes in one folder. Each call is one transaction; durable once it returns. Raises StoreError.

    A folder without a database holds no wishes; the first one makes it. `who` is the front-end that asks, for the
    audit. May be shared by threads.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def settings(self) -> dict[str, str]:
        """Every setting that is wished."""
        if not exists(self._folder):
            return {}
        with database.reading(self._folder / DATABASE) as db:
            return {row["key"]: row["value"] for row in db.query("SELECT key, value FROM settings")}

    def set_setting(self, key: str, value: str | None, who: str) -> None:
        """Wish a setting; None takes the wish back."""
        with database.writing(database.made(self._folder)) as db:
            put_setting(db, key, value, who)

    def audit(self, most: int = 100) -> list[tuple[float, str, str]]:
        """(epoch seconds, who, what) of the newest changes, newest first; people appear by id."""
        if not exists(self._folder):
            return []
        with database.reading(self._folder / DATABASE) as db:
            return journal.newest(db, most)

    def anybody_enrolled(self) -> bool:
        """True when somebody is, whether or not the key is there to read who."""
        if not exists(self._folder):
            return False
        with database.reading(self._folder / DATABASE) as db:
            return next(db.query("SELECT id FROM people LIMIT 1"), None) is not None

    def claims(self, now: float) -> tuple[Claim, ...]:
        """What holds at epoch second `now`, oldest wish first; of every run of the engine."""
        if not exists(self._folder):
            return ()
        with database.reading(self._folder / DATABASE) as db:
            if not db.table("claims").exists():  # a database that this version has not written to yet
                return ()
            found = list(db.query("SELECT * FROM claims ORDER BY asked_at, id"))
        claims = (Claim(**{**row, "name": self._opened(row["id"], row["name"])}) for row in found)
        return tuple(claim for claim in claims if claim.holds(now))

    def reveal(self, run: str, track: int, until: float, who: str, name: str | None = None) -> str:
        """Show the face of this track of this run of the engine as a guest until then; the claim's id.

        The same wish again sets another end and name, and is tried again when it was refused. Only a name needs the
        key. Raises InputError for an end that is none or has passed, and for what cannot be a name.
        """
        if not math.isfinite(until):
            raise InputError("a guest is revealed until a moment, not for ever; enrol who is to stay")
        return self._claim("reveal", until, who, run, track, name=name)

    def cover(self, run: str, track: int, until: float | None, who: str) -> str:
        """Keep the face of this track covered until then, None: until taken back; the claim's id."""
        return self._claim("cover", until, who, run, track)

    def cover_person(self, person: str, until: float | None, who: str) -> str:
        """Keep this person (by id) covered, whatever track he is found as; survives the engine. The claim's id."""
        return self._claim("cover-person", until, who, person=person)

    def withdraw(self, claim: str, who: str) -> bool:
        """Take a claim back for good; False when it had ended already."""
        return self._end("id = ?", [claim], who, f"claim {claim}: taken back") > 0

    def forget_guests(self, who: str) -> int:
        """Take back every reveal; returns how many there were."""
        return self._end("kind = 'reveal'", [], who, "every guest forgotten")

    def _claim(
        self,
        kind: Kind,
        until: float | None,
        who: str,
        run: str | None = None,
        track: int | None = None,
        person: str | None = None,
        name: str | None = None,
    ) -> str:
        now = time.time()
        if until is not None and (math.isnan(until) or until <= now):
            raise InputError("the end of the wish has passed already; a moment in the future was expected")
        until = None if until == math.inf else until
        said = clean_name(name) if name is not None else None
        vault = self._vault() if said is not None else None
        with database.writing(database.made(self._folder)) as db:
            rows.tidy(db, now, run)
            row = {"id": rows.find(db, kind, run, track, person), "kind": kind, "until": until, "asked_at": now}
            claim = rows.put(db, {**row, "run": run, "track": track, "person": person, "name": None})
            if vault is not None and said is not None:
                db.table("claims").update(claim, {"name": vault.lock(said.encode(), _place(claim))})
            about = f"track {track} of run {run}" if run is not None else f"person {person}"
            journal.note_down(db, who, f"claim {claim}: {kind} {about} until {until or 'taken back'}")
        return claim

    def _end(self, where: str, values: list[str], who: str, what: str) -> int:
        with database.writing(database.made(self._folder)) as db:
            count = int(db.table("claims").count_where(where, values))
            db.table("claims").delete_where(where, values)
            if count:
                journal.note_down(db, who, what)
        database.forget_deleted(self._folder / DATABASE)
        return count

    def _vault(self) -> Vault:
        """Made when nobody is enrolled yet: nothing is locked with another one then."""
        try:
            return Vault(read_key(self._folder / KEY))
        except FileNotFoundError:
            if self.anybody_enrolled():
                missing = f"{self._folder / KEY}: the key is missing, and without it no name can be kept"
                raise StoreError(f"{missing}; reveal the guest without a name") from None
        database.made(self._folder)
        with database.faults(self._folder / KEY):
            return Vault(make_key(self._folder / KEY))

    def _opened(self, claim: str, name: bytes | None) -> str | None:
        with suppress(StoreError, FileNotFoundError):
            return None if name is None else Vault(read_key(self._folder / KEY)).open(name, _place(claim)).decode()
        return None


def _place(claim: str) -> str:
    return f"claims/{claim}/name"

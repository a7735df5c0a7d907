"""The fleet that a box is in: its key, its members, who was invited. Locked like people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from appliance.errors import InputError
from appliance.store import copies, database
from appliance.store.desired import put_setting
from appliance.store.records import Records
from appliance.store.vault import Vault

if TYPE_CHECKING:
    from sqlite_utils import Database

SECRETS = "fleet/secrets"
BINARY = ("key", "private", "earlier", "announced")

OURS = "EXISTS (SELECT 1 FROM fleet_people AS f WHERE f.person = people.id AND f.here)"
"""Of a row of people: enrolled on this box."""


@dataclass(frozen=True, slots=True)
class BrokerPlace:
    """Where the fleet's broker is and who we are there, as an invitation told."""

    host: str
    port: int
    tls: bool = False
    ca: str = ""
    """PEM of who signs its certificate; empty: whom the system trusts."""
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Fleet:
    """What a box must keep to be one of a fleet."""

    id: str
    box: str
    name: str
    """What people call this box."""
    epoch: int
    """Which key, counted from 1; every rotation makes the next."""
    key: bytes = field(repr=False)
    private: bytes = field(repr=False)
    """This box's own X25519 key."""
    broker: BrokerPlace
    earlier: bytes = field(default=b"", repr=False)
    """The key before this one: what a rotation is checked by. Empty in epoch 1 and for who joined later."""
    rotation: str = ""
    """Which rotation made the key: decides between two that were made at once."""
    rotator: str = ""
    """The box that made it."""
    announced: bytes = field(default=b"", repr=False)
    """The message that told of it, for boxes that are away; empty in epoch 1 and for who joined later."""
    obeyed: int = 0
    """Number of the newest wish for the mode that was obeyed."""


@dataclass(frozen=True, slots=True)
class Member:
    """A box of the fleet, ourselves included."""

    box: str
    name: str
    public: bytes
    """Its X25519 key."""
    removed: int = 0
    """Taken out: nothing of that pair counts any more. The newest epoch whose key it may have; 0: it is a member."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What was promised to whoever brings the secret. expires_at: epoch seconds of this box's clock."""

    id: str
    secret: bytes = field(repr=False)
    expires_at: float
    taken_by: str | None = None
    """Public key, in hex, of the box that came."""


class Membership:
    """The fleet's rows of one store; each call is one transaction. Errors are StoreError."""

    def __init__(self, path: Path, vault: Vault) -> None:
        """Not to be called: `Store.membership` does."""
        self._path = path
        self._vault = vault

    def fleet(self) -> Fleet | None:
        """The fleet this box is in, if any."""
        with database.reading(self._path) as db:
            return self._fleet(db)

    def enter(self, fleet: Fleet, members: Mapping[str, Member], who: str) -> None:
        """Be in a fleet, with everybody who is enrolled here; raises InputError when the box is in one already."""
        with database.writing(self._path) as db:
            if self._fleet(db) is not None:
                raise InputError("this box is in a fleet already; `mofy fleet leave` takes it out first")
            self._keep(db, fleet)
            for member in members.values():
                self._put(db, member)
            db.execute("INSERT INTO fleet_people (person) SELECT id FROM people")
            Records(db, self._vault).note_down(who, f"fleet {fleet.id}: entered as box {fleet.box}")

    def rotate(self, fleet: Fleet, members: Mapping[str, Member], settled: Iterable[str], who: str) -> bool:
        """Go on under another key; False when this box has left or has gone on already.

        settled: ids of deleted people whom all boxes may forget; whoever of them is still here (a box restored from an
        old backup) is removed first.
        """
        settled = list(settled)
        with database.writing(self._path) as db:
            now = self._fleet(db)
            if now is None or now.id != fleet.id or (now.epoch, now.rotation) >= (fleet.epoch, fleet.rotation):
                return False
            self._keep(db, replace(fleet, obeyed=now.obeyed))
            for member in members.values():
                self._put(db, member, fleet.epoch)
            for person in settled:
                for sql in ("people WHERE id", "fleet_people WHERE person", "fleet_deleted WHERE person"):
                    db.execute(f"DELETE FROM {sql} = ?", [person])
            what = f"fleet {fleet.id}: key {fleet.epoch}, made by box {fleet.rotator}"
            Records(db, self._vault).note_down(who, what)
        copies.forget_deleted(self._path, settled)
        return True

    def leave(self, who: str, keep_people: bool = False) -> int:
        """Forget the fleet, its keys and, unless they are kept, the people other boxes enrolled; returns how many."""
        with database.writing(self._path) as db:
            fleet = self._fleet(db)
            if fleet is None:
                raise InputError("this box is in no fleet")
            theirs = [row["id"] for row in db.query(f"SELECT id FROM people WHERE NOT {OURS}")]
            # First, so that the triggers do not take what follows for deletions to be told.
            for table in ("fleet", "fleet_members", "fleet_invitations", "fleet_people", "fleet_deleted"):
                db.execute(f"DELETE FROM {table}")
            dropped = [] if keep_people else theirs
            for person in dropped:
                Records(db, self._vault).delete(person)
            what = f"fleet {fleet.id}: left, {len(dropped)} people of other boxes removed"
            Records(db, self._vault).note_down(who, what)
        copies.forget_deleted(self._path, dropped)
        return len(dropped)

    def members(self) -> dict[str, Member]:
        """Every box that is or was in the fleet, by id."""
        with database.reading(self._path) as db:
            rows = list(db.query("SELECT * FROM fleet_members"))
            return {row["box"]: self._member(row) for row in rows}

    def put_members(self, members: Iterable[Member]) -> None:
        """Know boxes, or know them anew."""
        with database.writing(self._path) as db:
            for member in members:
                self._put(db, member)

    def obey(self, number: int, key: str, value: str, who: str) -> bool:
        """Wish a setting as the wish of this number says; False when it, or a newer one, was obeyed already."""
        # In one transaction: noted as obeyed and not wished, it would be lost; the other way round come again.
        with database.writing(self._path) as db:
            new = db.execute("UPDATE fleet SET obeyed = ? WHERE obeyed < ?", [number, number]).rowcount > 0
            if new:
                put_setting(db, key, value, who)
            return new

    def invite(self, invitation: Invitation) -> None:
        """Keep an invitation; those that expired are forgotten."""
        with database.writing(self._path) as db:
            db.execute("DELETE FROM fleet_invitations WHERE expires_at < ?", [invitation.expires_at - 7 * 86400])
            secret = self._vault.lock(invitation.secret, f"fleet_invitations/{invitation.id}/secret")
            row = {"id": invitation.id, "secret": secret, "expires_at": invitation.expires_at}
            db.table("fleet_invitations").insert(row)

    def invitation(self, invitation: str) -> Invitation | None:
        """The invitation of this id."""
        with database.reading(self._path) as db:
            row = next(db.query("SELECT * FROM fleet_invitations WHERE id = ?", [invitation]), None)
            if row is None:
                return None
            secret = self._vault.open(row["secret"], f"fleet_invitations/{row['id']}/secret")
            return Invitation(row["id"], secret, row["expires_at"], row["taken_by"])

    def take_invitation(self, invitation: str, member: Member, who: str) -> bool:
        """Let a box in by an invitation, once; True again for the same box, whose answer may have been lost."""
        with database.writing(self._path) as db:
            sql = "UPDATE fleet_invitations SET taken_by = ? WHERE id = ? AND (taken_by IS NULL OR taken_by = ?)"
            public = member.public.hex()
            if not db.execute(sql, [public, invitation, public]).rowcount:
                return False
            self._put(db, member)
            Records(db, self._vault).note_down(who, f"box {member.box}: let into the fleet")
            return True

    def _fleet(self, db: Database) -> Fleet | None:
        row = next(db.query("SELECT * FROM fleet"), None)
        if row is None:
            return None
        kept: dict[str, Any] = json.loads(self._vault.open(row["secrets"], SECRETS))
        kept["broker"] = BrokerPlace(**kept["broker"])
        kept |= {name: bytes.fromhex(kept[name]) for name in BINARY}
        return Fleet(id=row["id"], box=row["box"], epoch=row["epoch"], obeyed=row["obeyed"], **kept)

    def _keep(self, db: Database, fleet: Fleet) -> None:
        kept = {name: getattr(fleet, name).hex() for name in BINARY}
        kept |= {name: getattr(fleet, name) for name in ("name", "rotation", "rotator")}
        kept["broker"] = asdict(fleet.broker)
        row = {"one": 1, "id": fleet.id, "box": fleet.box, "epoch": fleet.epoch, "obeyed": fleet.obeyed}
        row["secrets"] = self._vault.lock(json.dumps(kept).encode(), SECRETS)
        db.table("fleet").insert(row, pk="one", replace=True)

    def _put(self, db: Database, member: Member, epoch: int = 0) -> None:
        """Know a box; a pair that was taken out stays out, whoever had not heard of it.

        epoch: the key that comes with the member list, which such a box then may have too.
        """
        row = next(db.query("SELECT * FROM fleet_members WHERE box = ?", [member.box]), None)
        known = self._member(row) if row else None
        if known is not None and known.removed and known.public == member.public and not member.removed:
            member = replace(member, removed=max(known.removed, epoch))
        told = json.dumps({"name": member.name, "public": member.public.hex()}).encode()
        card = self._vault.lock(told, f"fleet_members/{member.box}/card")
        row = {"box": member.box, "card": card, "removed": member.removed}
        db.table("fleet_members").insert(row, pk="box", replace=True)

    def _member(self, row: dict[str, Any]) -> Member:
        told = json.loads(self._vault.open(row["card"], f"fleet_members/{row['box']}/card"))
        return Member(row["box"], told["name"], bytes.fromhex(told["public"]), row["removed"])

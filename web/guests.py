"""Links by which guests enrol themselves: for one guest, for a time, and worth nothing to anybody who finds it later.

Only a link's hash is stored. It opens once; who opened it may come back with that phone, sees and deletes his own data,
and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from appliance.errors import InputError, StoreError
from appliance.store import DATABASE, Store, database, exists
from appliance.store.people import Enrolled, TakenError, Template
from web import ledger
from web.box import box
from web.visitor import Visitor

LIVES_S = {"hour": 3600.0, "day": 24 * 3600.0, "week": 7 * 24 * 3600.0}
"""How long a link can be opened."""

STAYS_S = 24 * 3600.0
"""How long a guest who has opened it may take to enrol."""

MOST_LINKS = 200


@dataclass(frozen=True, slots=True)
class Link:
    """One that was made."""

    id: str
    made_at: float
    expires_at: float
    opened_at: float | None
    person: str | None


def make(lives_s: float) -> str:
    """A new link's secret, told this once; raises StoreError, InputError."""
    token, now = secrets.token_urlsafe(24), time.time()
    with ledger.writing(box().data) as db:
        for row in list(db.query("SELECT * FROM links")):
            if not _counts(Link(**row), now):
                db.execute("DELETE FROM links WHERE id = ?", [row["id"]])
        if next(db.query("SELECT count(*) AS n FROM links"))["n"] >= MOST_LINKS:
            raise InputError(_("there are too many links; delete some"))
        db.execute("INSERT INTO links VALUES (?, ?, ?, NULL, NULL)", [_id(token), now, now + lives_s])
    return token


def links() -> list[Link]:
    """All that are worth something, newest first."""
    now = time.time()
    with ledger.reading(box().data) as db:
        rows = [Link(**row) for row in db.query("SELECT * FROM links ORDER BY made_at DESC")]
    return [one for one in rows if _counts(one, now)]


def revoke(id: str) -> None:
    """Make a link worth nothing, and end its guest's login; what he enrolled stays."""
    with ledger.writing(box().data) as db:
        db.execute("DELETE FROM links WHERE id = ?", [id])


def is_open(token: str) -> bool:
    """True for a link that nobody has opened and that has not expired."""
    found = _link(_id(token))
    return found is not None and found.opened_at is None and found.expires_at > time.time()


def open_link(token: str) -> str | None:
    """Open it, once; its id, or None when it is worth nothing."""
    now = time.time()
    with ledger.writing(box().data) as db:
        opened = db.execute(
            "UPDATE links SET opened_at = ? WHERE id = ? AND opened_at IS NULL AND expires_at > ?",
            [now, _id(token), now],
        )
        return _id(token) if opened.rowcount == 1 else None


def is_valid(id: str) -> bool:
    """True while the guest of this link may come back."""
    found = _link(id)
    if found is None or found.opened_at is None:
        return False
    try:
        return found.opened_at + STAYS_S > time.time() or _enrolled(found) is not None
    except StoreError:
        return False


def own_person(guest: Visitor) -> str | None:
    """Id of the person that the guest has enrolled and that is still there."""
    found = _link(guest.link)
    return None if found is None else _enrolled(found)


def _counts(link: Link, now: float) -> bool:
    """False for a link that can be forgotten: never opened in time, or its guest has nothing here and no time left."""
    return link.expires_at > now or (link.opened_at or 0) + STAYS_S > now or _enrolled(link) is not None


def _enrolled(link: Link) -> str | None:
    if link.person is None or not exists(box().data):
        return None
    with database.reading(box().data / DATABASE) as db:
        return link.person if db.execute("SELECT 1 FROM people WHERE id = ?", [link.person]).fetchone() else None


def enrolled(
    store: Store, guest: Visitor, name: str, templates: Sequence[Template], note: str, expires_at: float | None
) -> Enrolled:
    """Enrol a guest as a person of his own, whoever else has the name; raises InputError, StoreError."""
    # The link is held meanwhile: pressed twice, or revoked just now, it must leave nobody whom its guest cannot delete.
    with ledger.writing(box().data) as db:
        if not db.execute("SELECT 1 FROM links WHERE id = ?", [guest.link]).fetchone():
            raise InputError(_("The link is worth nothing any more."))
        if own_person(guest) is not None:
            raise InputError(_("you are enrolled already"))
        person = _enrolled_anew(store, guest, name, templates, note, expires_at)
        db.execute("UPDATE links SET person = ? WHERE id = ?", [person.id, guest.link])
    return person


def _enrolled_anew(
    store: Store, guest: Visitor, name: str, templates: Sequence[Template], note: str, expires_at: float | None
) -> Enrolled:
    for free in _names(name):
        with contextlib.suppress(TakenError):
            return store.enrol(free, templates, guest.who, note, expires_at, new=True)
    raise TakenError(name)


def forget(guest: Visitor) -> None:
    """Delete all that the guest has here, and his login."""
    person = own_person(guest)
    if person is not None:
        store = Store.open(box().data)
        found = next((one for one in store.people() if one.id == person), None)
        if found is not None:
            with contextlib.suppress(InputError):  # the operator was faster
                store.remove(found, guest.who)
    revoke(guest.link)


def _names(name: str) -> Sequence[str]:
    """The name, and what it becomes where somebody has it: a guest may neither join another nor learn who is here."""
    return [name, *(f"{name[:90]} {secrets.randbelow(9000) + 1000}" for _ in range(50))]


def _link(id: str) -> Link | None:
    try:
        with ledger.reading(box().data) as db:
            row = next(db.query("SELECT * FROM links WHERE id = ?", [id]), None)
    except StoreError:
        return None
    return Link(**row) if row else None


def _id(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()

"""The people store: who is enrolled.

Names, notes, embeddings and crops are locked with the key beside the database; ids, times and counts are not.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from appliance.core import identity
from appliance.core.faces import Embedding
from appliance.core.frames import RgbImage
from appliance.core.identity import NOBODY, Gallery
from appliance.errors import StoreError
from appliance.store import copies, database
from appliance.store.database import DATABASE, KEY, exists
from appliance.store.desired import Desired
from appliance.store.membership import SECRETS, Membership
from appliance.store.people import Dossier, Enrolled, Template, same_name
from appliance.store.records import Records, Widen
from appliance.store.shared import Shared
from appliance.store.vault import Vault, make_key, read_key
from appliance.store.watch import Watch

if TYPE_CHECKING:
    from sqlite_utils import Database


class NobodyYetError(StoreError):
    """Nobody was ever enrolled in the folder: nothing is lost, and nothing to be mended."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder}: nobody is enrolled here yet; `mofy people add` enrols somebody")


class Store:
    """The people of one folder. Each call is one transaction; durable once it returns. Errors are StoreError.

    `who` is the front-end that asks, for the audit. May be shared by threads, but for `version`.
    """

    def __init__(self, folder: Path, vault: Vault) -> None:
        """Not to be called: `open` does."""
        self._path = folder / DATABASE
        self._vault = vault
        self._desired = Desired(folder)
        self._watch = Watch(self._path, folder / KEY)

    @classmethod
    def open(cls, folder: Path, create: bool = False) -> Store:
        """The store in the folder, brought up to date; made, with folder and key, when asked to and missing."""
        if not create and not exists(folder):
            raise _missing(folder)
        database.made(folder)
        return cls(folder, _vault(folder, create))

    def people(self) -> list[Enrolled]:
        """Everybody, by name."""
        with self._reading() as records:
            return sorted(records.people(), key=lambda person: same_name(person.name))

    def find(self, name: str) -> Enrolled | None:
        """The person of this name in any case, or None."""
        with self._reading() as records:
            return records.find(name)

    def known(self, name: str) -> Enrolled:
        """The person of this name in any case; raises InputError when there is none."""
        with self._reading() as records:
            return records.known(name)

    def templates(self, person: str) -> list[Template]:
        """A person's templates (by id), oldest first."""
        with self._reading() as records:
            return list(records.templates(person))

    def rejected(self, person: str) -> list[Template]:
        """Of others who are not this person (by id), oldest first."""
        with self._reading() as records:
            return list(records.templates(person, "rejected"))

    def dossier(self, name: str) -> Dossier:
        """Everything that is stored of the person of this name; raises InputError when there is none."""
        with self._reading() as records:
            return records.dossier(records.known(name))

    def dossiers(self) -> list[Dossier]:
        """The same of everybody, by name."""
        with self._reading() as records:
            people = sorted(records.people(), key=lambda person: same_name(person.name))
            return [records.dossier(person) for person in people]

    def enrol(
        self,
        name: str,
        templates: Sequence[Template],
        who: str,
        note: str | None = None,
        expires_at: float | None = None,
    ) -> Enrolled:
        """Add templates to the person of this name, who is made if need be; see `change` for note and expires_at."""
        with self._writing() as records:
            person = records.find(name) or records.make(name)
            records.alter(person.id, note, expires_at)
            records.add_templates(person.id, templates)
            records.note_down(who, f"person {person.id}: {len(templates)} photos added")
            return records.person(person.id)

    def change(
        self,
        name: str,
        who: str,
        new_name: str | None = None,
        note: str | None = None,
        expires_at: float | None = None,
        enabled: bool | None = None,
    ) -> Enrolled:
        """Change what is not None (expires_at: epoch seconds, math.inf for never); raises InputError."""
        with self._writing() as records:
            person = records.known(name)
            if new_name is not None:
                records.rename(person.id, new_name)
            records.alter(person.id, note, expires_at, enabled)
            given = {"name": new_name, "note": note, "expiry": expires_at, "enabled": enabled}
            changed = " and ".join(what for what, value in given.items() if value is not None)
            records.note_down(who, f"person {person.id}: {changed} changed")
            return records.person(person.id)

    def reject(self, name: str, templates: Sequence[Template], who: str) -> Enrolled:
        """Add templates of others who are not the person of this name; raises InputError when there is none."""
        with self._writing() as records:
            person = records.known(name)
            records.add_templates(person.id, templates, "rejected")
            records.note_down(who, f"person {person.id}: {len(templates)} photos of others added")
            return records.person(person.id)

    def unreject(self, name: str, who: str) -> int:
        """Forget all of them, for good; returns how many there were."""
        with self._writing() as records:
            person = records.known(name)
            records.drop_templates(person.id, "rejected")
            records.note_down(who, f"person {person.id}: {person.rejected} photos of others removed")
        copies.forget_deleted(self._path)
        return person.rejected

    def remove(self, name: str, who: str) -> None:
        """Delete a person and every template for good; raises InputError when there is none of this name."""
        with self._writing() as records:
            person = records.known(name)
            records.delete(person.id)
            records.note_down(who, f"person {person.id}: removed")
        copies.forget_deleted(self._path, [person.id])

    def restore(self, people: Sequence[Dossier], who: str) -> None:
        """Put people in place as they are given, over those of the same names; all of them or, when it fails, none."""
        with self._writing() as records:
            for dossier in people:
                given = dossier.person
                person = records.find(given.name) or records.make(given.name)
                records.drop_templates(person.id)
                records.drop_templates(person.id, "rejected")
                expires_at = float("inf") if given.expires_at is None else given.expires_at
                records.alter(person.id, given.note, expires_at, given.enabled)
                records.add_templates(person.id, dossier.templates)
                records.add_templates(person.id, dossier.rejected, "rejected")
                records.note_down(who, f"person {person.id}: restored with {len(dossier.templates)} photos")
        copies.forget_deleted(self._path)

    def outdated(self, model: str) -> dict[str, RgbImage]:
        """Crops, by template id, whose embeddings were made by any other model."""
        with self._reading() as records:
            return records.outdated(model)

    def count_outdated(self, model: str) -> int:
        """How many those are."""
        with self._reading() as records:
            return records.count_outdated(model)

    def re_embed(self, model: str, embeddings: Mapping[str, Embedding], who: str) -> None:
        """Put embeddings of this model, by template id, in place of those there."""
        with self._writing() as records:
            for template, embedding in embeddings.items():
                records.re_embed(template, model, embedding)
            records.note_down(who, f"{len(embeddings)} photos looked at anew by {model}")
        database.forget_deleted(self._path)

    def gallery(self, model: str, now: float, widen: Widen | None = None) -> Gallery:
        """Who may be shown at epoch second `now`, by the templates of this model."""
        with self._reading() as records:
            templates = records.embeddings(model, widen=widen)
            rejected = records.embeddings(model, "rejected", widen)
            known = templates.keys() - records.half_known(model) - _misfits(templates, rejected)
            people = [person for person in records.people() if person.shown_at(now) and person.id in known]
        return identity.gallery(
            [_shown(person, templates[person.id], rejected.get(person.id, [])) for person in people]
        )

    def settings(self) -> dict[str, str]:
        """As Desired has it."""
        return self._desired.settings()

    def set_setting(self, key: str, value: str | None, who: str) -> None:
        """As Desired has it."""
        self._desired.set_setting(key, value, who)

    def note(self, who: str, what: str) -> None:
        """A line in the audit of something that changed elsewhere."""
        with self._writing() as records:
            records.note_down(who, what)

    def audit(self, most: int = 100) -> list[tuple[float, str, str]]:
        """As Desired has it."""
        return self._desired.audit(most)

    def shared(self) -> Shared:
        """The people as versions, for the exchange with other boxes."""
        return Shared(self._path, self._vault)

    def membership(self) -> Membership:
        """Which fleet this box is in, with whom."""
        return Membership(self._path, self._vault)

    def version(self) -> int:
        """A number that rises with every change of what is stored or of the key; cheap to ask every 100 ms."""
        return self._watch.version()

    def close(self) -> None:
        """Let go of what `version` keeps open."""
        self._watch.close()

    @contextmanager
    def _reading(self) -> Iterator[Records]:
        with database.reading(self._path) as db:
            yield Records(db, self._vault)

    @contextmanager
    def _writing(self) -> Iterator[Records]:
        with database.writing(self._path) as db:
            yield Records(db, self._vault)


def _misfits(*known: Mapping[str, Sequence[Embedding]]) -> set[str]:
    """Ids of people with an embedding of another length than most have: damage, which must not cover the others too."""
    sizes = Counter(one.size for table in known for rows in table.values() for one in rows)
    usual = max(sizes, key=sizes.__getitem__, default=0)
    return {person for table in known for person, rows in table.items() if any(one.size != usual for one in rows)}


def _shown(person: Enrolled, templates: Sequence[Embedding], rejected: Sequence[Embedding]) -> identity.Person:
    rows = np.stack(templates)
    others = np.stack(rejected) if rejected else np.zeros((0, rows.shape[1]), np.float32)
    return identity.Person(person.id, person.name, rows, person.expires_at, others)


def gallery_or_nobody(folder: Path, model: str, widen: Widen | None = None) -> tuple[Gallery, str | None]:
    """Who may be shown now, and what is wrong in words, if anything. Never raises: whatever fails, nobody is shown.

    widen: makes of each stored embedding what the faces in view are compared with, when that is not the same.
    """
    try:
        store = Store.open(folder)
        people = store.gallery(model, time.time(), widen)
        outdated = store.count_outdated(model)
    except NobodyYetError:
        return NOBODY, None
    except StoreError as error:
        return NOBODY, str(error)
    except Exception as error:  # A gallery that cannot be had for any reason at all must cover everyone.
        return NOBODY, f"{folder}: the people store cannot be used ({type(error).__name__})"
    if outdated:
        return (
            people,
            f"{outdated} photos are of another model and do not count; run `mofy people refresh`",
        )
    return people, None


def _missing(folder: Path) -> StoreError:
    """A key is made together with the first database: alone it is what is left of one."""
    with database.faults(folder / KEY):
        if not (folder / KEY).exists():
            return NobodyYetError(folder)
    return StoreError(
        f"{folder / DATABASE}: is missing, though its key is here; put it back from a backup, or enrol anew"
    )


def _vault(folder: Path, create: bool) -> Vault:
    """The vault of the folder's key; a new key is made only where nothing is locked with an old one."""
    with database.reading(folder / DATABASE) as db:
        locked = _locked_sample(db)
    try:
        key = read_key(folder / KEY)
    except FileNotFoundError:
        if locked is not None:
            raise StoreError(
                f"{folder / KEY}: the key is missing and nothing stored can be read without it; put it back from a "
                f"backup, or remove {DATABASE} and enrol anew"
            ) from None
        if not create:
            raise NobodyYetError(folder) from None
        with database.faults(folder / KEY):
            key = make_key(folder / KEY)
    vault = Vault(key)
    if locked is not None:
        try:
            vault.open(*locked)
        except StoreError:
            raise StoreError(
                f"{folder / KEY}: is not the key that {DATABASE} was written with, or {DATABASE} is damaged; "
                "put the right one back from a backup"
            ) from None
    return vault


def _locked_sample(db: Database) -> tuple[object, str] | None:
    """Something that the key opens, and the place it is bound to; None where nothing is locked yet."""
    for row in db.query("SELECT id, name FROM people LIMIT 1"):
        return row["name"], f"people/{row['id']}/name"
    for row in db.query("SELECT secrets FROM fleet"):
        return row["secrets"], SECRETS
    return None

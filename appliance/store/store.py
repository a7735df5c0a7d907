"""The people store: who is enrolled.

Names, notes, embeddings and crops are locked with the key beside the database; ids, times and counts are not.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from appliance.core.faces import Embedding
from appliance.core.frames import RgbImage
from appliance.core.identity import NOBODY, Gallery
from appliance.errors import StoreError
from appliance.store import copies, database, keyring
from appliance.store.database import DATABASE, KEY, exists
from appliance.store.desired import Desired
from appliance.store.gallery import showable
from appliance.store.membership import Membership
from appliance.store.people import Dossier, Enrolled, Named, TakenError, Template, same_name
from appliance.store.records import Records, Widen
from appliance.store.shared import Shared
from appliance.store.vault import Vault
from appliance.store.watch import Watch


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
            raise keyring.missing(folder)
        database.made(folder)
        return cls(folder, keyring.vault(folder, create))

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._path.parent

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
        named: Named,
        templates: Sequence[Template],
        who: str,
        note: str | None = None,
        expires_at: float | None = None,
        new: bool = False,
    ) -> Enrolled:
        """Add templates to a person; one of a name is made if need be. See `change` for note and expires_at.

        new: must be made; raises TakenError for a name that somebody has. Raises InputError for who is gone.
        """
        with self._writing() as records:
            person = records.known(named) if isinstance(named, Enrolled) else records.find(named)
            if new and person is not None:
                raise TakenError(person.name)
            person = person or records.make(str(named))
            records.alter(person.id, note, expires_at)
            records.add_templates(person.id, templates)
            records.note_down(who, f"person {person.id}: {len(templates)} photos added")
            return records.person(person.id)

    def change(
        self,
        named: Named,
        who: str,
        new_name: str | None = None,
        note: str | None = None,
        expires_at: float | None = None,
        enabled: bool | None = None,
    ) -> Enrolled:
        """Change what is not None (expires_at: epoch seconds, math.inf for never); raises InputError."""
        with self._writing() as records:
            person = records.known(named)
            if new_name is not None:
                records.rename(person.id, new_name)
            records.alter(person.id, note, expires_at, enabled)
            given = {"name": new_name, "note": note, "expiry": expires_at, "enabled": enabled}
            changed = " and ".join(what for what, value in given.items() if value is not None)
            records.note_down(who, f"person {person.id}: {changed} changed")
            return records.person(person.id)

    def reject(self, named: Named, templates: Sequence[Template], who: str) -> Enrolled:
        """Add templates of others who are not this person; raises InputError when there is none."""
        with self._writing() as records:
            person = records.known(named)
            records.add_templates(person.id, templates, "rejected")
            records.note_down(who, f"person {person.id}: {len(templates)} photos of others added")
            return records.person(person.id)

    def unreject(self, named: Named, who: str) -> int:
        """Forget all of them, for good; returns how many there were."""
        with self._writing() as records:
            person = records.known(named)
            records.drop_templates(person.id, "rejected")
            records.note_down(who, f"person {person.id}: {person.rejected} photos of others removed")
        copies.forget_deleted(self._path)
        return person.rejected

    def remove(self, named: Named, who: str) -> None:
        """Delete a person and every template for good; raises InputError when there is none."""
        with self._writing() as records:
            person = records.known(named)
            records.delete(person.id)
            records.note_down(who, f"person {person.id}: removed")
        copies.forget_deleted(self._path, [person.id])

    def restore(self, people: Sequence[Dossier], who: str, replace: bool = True) -> list[str]:
        """Put people in place as they are given, all of them or, when it fails, none.

        replace: over those of the same names; else those stay as they are, and their names are returned.
        """
        stay: list[str] = []
        with self._writing() as records:
            for dossier in people:
                given = dossier.person
                found = records.find(given.name)
                if found is not None and not replace:
                    stay.append(given.name)
                    continue
                person = found or records.make(given.name)
                records.drop_templates(person.id)
                records.drop_templates(person.id, "rejected")
                expires_at = float("inf") if given.expires_at is None else given.expires_at
                records.alter(person.id, given.note, expires_at, given.enabled)
                records.add_templates(person.id, dossier.templates)
                records.add_templates(person.id, dossier.rejected, "rejected")
                records.note_down(who, f"person {person.id}: restored with {len(dossier.templates)} photos")
        copies.forget_deleted(self._path)
        return stay

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
            return showable(records, model, now, widen)

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


def gallery_or_nobody(folder: Path, model: str, widen: Widen | None = None) -> tuple[Gallery, str | None]:
    """Who may be shown now, and what is wrong in words, if anything. Never raises: whatever fails, nobody is shown.

    widen: makes of each stored embedding what the faces in view are compared with, when that is not the same.
    """
    try:
        store = Store.open(folder)
        people = store.gallery(model, time.time(), widen)
        outdated = store.count_outdated(model)
    except keyring.NobodyYetError:
        return NOBODY, None
    except StoreError as error:
        return NOBODY, str(error)
    except Exception as error:  # A gallery that cannot be had for any reason at all must cover everyone.
        return NOBODY, f"{folder}: the people store cannot be used ({type(error).__name__})"
    if outdated:
        return people, f"{outdated} photos are of another model and do not count; run `mofy people refresh`"
    return people, None

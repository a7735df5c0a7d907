"""People carried from box to box in one encrypted file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flask_babel import gettext as _

from appliance import enrolment
from appliance.errors import InputError
from appliance.store import Store, archive, exists
from appliance.store.people import Dossier, Template, same_name
from web import access
from web.box import box


def export(path: Path, passphrase: str) -> None:
    """Write everybody; raises InputError, StoreError."""
    if len(passphrase) < archive.PASSPHRASE_LEAST:
        raise InputError(_("the passphrase needs at least %(least)s characters", least=archive.PASSPHRASE_LEAST))
    dossiers = Store.open(box().data).dossiers() if exists(box().data) else []
    if not dossiers:
        raise InputError(_("nobody is enrolled, there is nothing to export"))
    people = [archive.Person(one.person, _photos(one.templates), _photos(one.rejected)) for one in dossiers]
    archive.write(path, people, passphrase)
    Store.open(box().data).note(access.somebody().who, f"{len(people)} people exported")


def bring(path: Path, passphrase: str, replace: bool) -> tuple[int, list[str]]:
    """Enrol who is in the file, all or none: how many, and who was there already and stays; raises InputError."""
    try:
        given = archive.read(path, passphrase)
    except InputError:
        raise InputError(_("the file is no export of people, or damaged, or the passphrase is another one")) from None
    # Only so that nobody is looked at for nothing: who is there counts when they are put in place.
    there = {same_name(one.name) for one in Store.open(box().data).people()} if exists(box().data) else set()
    kept = [one.enrolled.name for one in given if same_name(one.enrolled.name) in there and not replace]
    wanted = [one for one in given if one.enrolled.name not in kept]
    if wanted:
        models = enrolment.models(box().config)
        people = [
            Dossier(one.enrolled, enrolment.templates(one.photos, models), enrolment.templates(one.rejected, models))
            for one in wanted
        ]
        late = Store.open(box().data, create=True).restore(people, access.somebody().who, replace)
        return len(wanted) - len(late), kept + late
    return 0, kept


def _photos(templates: Sequence[Template]) -> list[archive.Photo]:
    return [archive.Photo(one.crop, one.quality, one.turn) for one in templates]

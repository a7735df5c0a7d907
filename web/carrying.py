"""People carried from box to box in one encrypted file."""

from __future__ import annotations

from pathlib import Path

from flask_babel import gettext as _

from appliance import enrolment
from appliance.enrolment import carrying
from appliance.errors import InputError
from appliance.store import Store, archive, exists
from web import access
from web.box import box


def export(path: Path, passphrase: str) -> None:
    """Write everybody; raises InputError, StoreError."""
    if len(passphrase) < archive.PASSPHRASE_LEAST:
        raise InputError(_("the passphrase needs at least %(least)s characters", least=archive.PASSPHRASE_LEAST))
    dossiers = Store.open(box().data).dossiers() if exists(box().data) else []
    if not dossiers:
        raise InputError(_("nobody is enrolled, there is nothing to export"))
    archive.write(path, carrying.packed(dossiers), passphrase)
    Store.open(box().data).note(access.somebody().who, f"{len(dossiers)} people exported")


def bring(path: Path, passphrase: str, replace: bool) -> tuple[int, list[str]]:
    """Enrol who is in the file, all or none: how many, and who was there already and stays; raises InputError."""
    try:
        given = archive.read(path, passphrase)
    except InputError:
        raise InputError(_("the file is no export of people, or damaged, or the passphrase is another one")) from None
    kept = carrying.bring(given, box().data, lambda: enrolment.models(box().config), access.somebody().who, replace)
    return len(given) - len(kept), kept

"""`mofy people add`: from photos and clips to a person who is shown."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli._options import data_option
from appliance.cli._when import expires_option
from appliance.cli._who import WHO
from appliance.cli.people._photos import face_option, usable
from appliance.cli.people._words import tell

if TYPE_CHECKING:
    from appliance.enrolment import Models, Resemblance
    from appliance.store.people import Dossier


@click.command("add")
@click.argument("name")
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@face_option
@expires_option
@click.option("--note", help="Anything worth knowing, kept encrypted.")
@click.option("--force", is_flag=True, help="Take photos, too, that do not look like the others.")
@data_option
def command(
    name: str,
    photos: tuple[Path, ...],
    face: int | None,
    expires: float | None,
    note: str | None,
    force: bool,
    data: Path,
) -> None:
    """Enrol NAME from photos or a clip, or add them to NAME. Three or more photos, in different light and from
    different sides, are best, or five seconds of video in which the head turns slowly; what cannot be used is told with
    the reason, and the rest is taken."""
    from appliance import config, enrolment
    from appliance.store import Store
    from appliance.store.people import clean_name, clean_note

    name = clean_name(name)
    note = None if note is None else clean_note(note)
    models = enrolment.models(config.load())
    known = _stored_of(name, data, models)
    templates, rejected = (known.templates, known.rejected) if known else ([], [])
    sitting = usable(enrolment.look(photos, models, templates, face, force, rejected))
    store = Store.open(data, create=True)
    person = store.enrol(name, sitting.templates, WHO, note, expires)
    templates = store.templates(person.id)
    one_clip = sitting.is_one_clip and len(templates) == len(sitting.accepted)
    click.echo(f"{person.name}: {enrolment.verdict(templates, one_clip)}")
    for likeness in enrolment.resemblances(templates, person.name, store.gallery(models.id, time.time())):
        _warn(person.name, likeness)


def _stored_of(name: str, data: Path, models: Models) -> Dossier | None:
    """What is stored of the person, up to date; None when nobody has the name."""
    from appliance import enrolment
    from appliance.store import Store, exists

    if not exists(data):
        return None
    store = Store.open(data)
    enrolment.refresh(store, models, WHO)
    return store.dossier(name) if store.find(name) else None


def _warn(name: str, likeness: Resemblance) -> None:
    from appliance.enrolment import TWIN

    alike = f"{name} and {likeness.name} look alike ({likeness.similarity:.2f})"
    if likeness.similarity >= TWIN:
        tell(f"warning: {alike}: probably one person under two names")
    else:
        tell(f"warning: {alike}: one may be shown as the other; give both more photos")

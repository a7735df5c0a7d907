"""mofy people: who is enrolled."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.cli._options import data_option
from appliance.cli._people_check import check
from appliance.cli._when import moment
from appliance.errors import InputError

if TYPE_CHECKING:
    from appliance.enrolment import Models, Refusal, Resemblance
    from appliance.store import Store
    from appliance.store.archive import Photo
    from appliance.store.people import Dossier, Enrolled, Template

WHO = "command line"


@click.group()
def command() -> None:
    """Enrol people, and see, change or remove who is enrolled."""


command.add_command(check)


@command.command()
@click.argument("name")
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--face", type=click.IntRange(min=1), metavar="N", help="Of several faces take the N-th from the left.")
@click.option("--expires", callback=moment, metavar="WHEN", help="today, 12h, 7d, a date like 2026-12-31, or never.")
@click.option("--note", help="Anything worth knowing, kept encrypted.")
@click.option("--force", is_flag=True, help="Take photos, too, that do not look like the others.")
@data_option
def add(
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
    sitting = enrolment.look(photos, models, templates, face, force, rejected)
    _tell_refused(sitting.refused)
    for footage in sitting.footage:
        click.echo(f"{_plain(footage.clip)}: {enrolment.footage_verdict(footage)}")
    if not sitting.accepted:
        raise InputError("nothing was stored: none of the photos can be used")
    store = Store.open(data, create=True)
    person = store.enrol(name, sitting.templates, WHO, note, expires)
    templates = store.templates(person.id)
    one_clip = sitting.is_one_clip and len(templates) == len(sitting.accepted)
    click.echo(f"{person.name}: {enrolment.verdict(templates, one_clip)}")
    for likeness in enrolment.resemblances(templates, person.name, store.gallery(models.id, time.time())):
        _warn(person.name, likeness)


@command.command()
@click.argument("name")
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PHOTO...")
@click.option("--face", type=click.IntRange(min=1), metavar="N", help="Of several faces take the N-th from the left.")
@click.option("--force", is_flag=True, help="Take photos, too, that look like NAME and may cover NAME.")
@data_option
def reject(name: str, photos: tuple[Path, ...], face: int | None, force: bool, data: Path) -> None:
    """Tell that who is in the photos is NOT NAME: whoever looks more like them than like NAME is covered."""
    from appliance import config, enrolment, rejection

    store = _open(data)
    store.known(name)
    models = enrolment.models(config.load())
    enrolment.refresh(store, models, WHO)
    sitting = rejection.look(photos, models, store.dossier(name), face, force)
    _tell_refused(sitting.refused)
    if not sitting.accepted:
        raise InputError("nothing was stored: none of the photos can be used")
    person = store.reject(name, sitting.templates, WHO)
    click.echo(f"{person.name}: {rejection.count(person.rejected)} rejected; `mofy people unreject` takes it back")


@command.command()
@click.argument("name")
@data_option
def unreject(name: str, data: Path) -> None:
    """Forget every photo of others that was rejected for NAME."""
    from appliance import rejection

    store = _open(data)
    gone = store.unreject(name, WHO)
    click.echo(f"{store.known(name).name}: {rejection.count(gone)} forgotten")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@data_option
def list_(as_json: bool, data: Path) -> None:
    """Show who is enrolled."""
    from appliance.store import Store, exists

    people = Store.open(data).people() if exists(data) else []
    if as_json:
        click.echo(json.dumps([_fields(person) for person in people], indent=2))
    elif not people:
        click.echo(f"nobody is enrolled in {_plain(data)}")
    else:
        _table([("name", "photos", "state", "note")] + [_row(person) for person in people])


@command.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@data_option
def show(name: str, as_json: bool, data: Path) -> None:
    """Show what is stored of NAME."""
    from appliance import enrolment, rejection
    from appliance.store import Store

    store = Store.open(data)
    person = store.known(name)
    templates = store.templates(person.id)
    verdict = enrolment.verdict(templates)
    photos = [_fields_of(template) for template in templates]
    if as_json:
        click.echo(json.dumps({**_fields(person), "photos": photos, "verdict": verdict}, indent=2))
        return
    lines = [("name", person.name), ("state", _state(person)), ("photos", verdict)]
    if person.rejected:
        lines.append(("not this person", rejection.count(person.rejected)))
    lines += [("enrolled", _when(person.created_at)), ("note", person.note), ("id", person.id)]
    lines += [(f"photo {i}", _look(template)) for i, template in enumerate(templates, 1)]
    _table(lines)


@command.command()
@click.argument("name")
@click.argument("new_name")
@data_option
def rename(name: str, new_name: str, data: Path) -> None:
    """Give NAME another name."""
    click.echo(f"{_open(data).change(name, WHO, new_name=new_name).name}: renamed")


@command.command()
@click.argument("name")
@click.option("--expires", callback=moment, metavar="WHEN", help="today, 12h, 7d, a date like 2026-12-31, or never.")
@click.option("--note", help="Anything worth knowing, kept encrypted.")
@data_option
def edit(name: str, expires: float | None, note: str | None, data: Path) -> None:
    """Change the expiry or the note of NAME."""
    if expires is None and note is None:
        raise click.UsageError("nothing to change: give --expires or --note")
    person = _open(data).change(name, WHO, note=note, expires_at=expires)
    click.echo(f"{person.name}: {_state(person)}")


@command.command()
@click.argument("name")
@data_option
def enable(name: str, data: Path) -> None:
    """Show NAME again."""
    person = _open(data).change(name, WHO, enabled=True)
    click.echo(f"{person.name}: {_state(person)}")


@command.command()
@click.argument("name")
@data_option
def disable(name: str, data: Path) -> None:
    """Cover NAME until enabled again; nothing is deleted."""
    person = _open(data).change(name, WHO, enabled=False)
    click.echo(f"{person.name}: {_state(person)}")


@command.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@data_option
def remove(names: tuple[str, ...], data: Path) -> None:
    """Delete people and everything stored of them, for good."""
    store = _open(data)
    for name in names:
        store.known(name)
    for name in names:
        store.remove(name, WHO)
        click.echo(f"{name}: removed")


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@data_option
def export(file: Path, force: bool, data: Path) -> None:
    """Write everybody into FILE, encrypted with a passphrase (asked for, or MOFY_PASSPHRASE)."""
    from appliance.store import archive

    store = _open(data)
    people = [
        archive.Person(dossier.person, _photos(dossier.templates), _photos(dossier.rejected))
        for dossier in store.dossiers()
    ]
    if not people:
        raise InputError("nobody is enrolled, there is nothing to export")
    archive.write(file, people, _passphrase(confirm=True), overwrite=force)
    click.echo(f"{_plain(file)}: {_count(len(people))}")


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace people who are enrolled already; else they stay as they are.")
@data_option
def import_(file: Path, replace: bool, data: Path) -> None:
    """Enrol everybody in FILE, which `export` wrote: all of them, or nobody when anything goes wrong."""
    from appliance import config, enrolment
    from appliance.store import Store, archive, exists
    from appliance.store.people import Dossier, same_name

    given = archive.read(file, _passphrase(confirm=False))
    there = {same_name(person.name) for person in Store.open(data).people()} if exists(data) else set()
    kept = [one.enrolled.name for one in given if same_name(one.enrolled.name) in there and not replace]
    wanted = [one for one in given if one.enrolled.name not in kept]
    for name in kept:
        _tell(f"{name}: is enrolled already and stays as it is; --replace takes the one in the file")
    if wanted:
        models = enrolment.models(config.load())
        people = [
            Dossier(one.enrolled, enrolment.templates(one.photos, models), enrolment.templates(one.rejected, models))
            for one in wanted
        ]
        Store.open(data, create=True).restore(people, WHO)
    click.echo(f"{_count(len(wanted))} imported")


@command.command()
@data_option
def refresh(data: Path) -> None:
    """Look at the stored faces anew, after the model that recognises them was changed."""
    from appliance import config, enrolment

    store = _open(data)
    done = enrolment.refresh(store, enrolment.models(config.load()), WHO)
    click.echo(f"{done} photos looked at anew" if done else "nothing to do: every photo is up to date")


def _open(data: Path) -> Store:
    from appliance.store import Store

    return Store.open(data)


def _stored_of(name: str, data: Path, models: Models) -> Dossier | None:
    """What is stored of the person, up to date; None when nobody has the name."""
    from appliance import enrolment
    from appliance.store import Store, exists

    if not exists(data):
        return None
    store = Store.open(data)
    enrolment.refresh(store, models, WHO)
    return store.dossier(name) if store.find(name) else None


def _photos(templates: Sequence[Template]) -> list[Photo]:
    from appliance.store.archive import Photo

    return [Photo(template.crop, template.quality, template.turn) for template in templates]


def _passphrase(confirm: bool) -> str:
    if (given := os.environ.get("MOFY_PASSPHRASE")) is not None:
        return given
    if not sys.stdin.isatty():
        raise InputError("a passphrase is needed: set MOFY_PASSPHRASE, or run this in a terminal")
    asked: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True)
    return asked


def _tell_refused(refused: Sequence[Refusal]) -> None:
    for refusal in refused:
        _tell(f"{_plain(refusal.photo)}: not used: {refusal.reason}")


def _warn(name: str, likeness: Resemblance) -> None:
    from appliance.enrolment import TWIN

    alike = f"{name} and {likeness.name} look alike ({likeness.similarity:.2f})"
    if likeness.similarity >= TWIN:
        _tell(f"warning: {alike}: probably one person under two names")
    else:
        _tell(f"warning: {alike}: one may be shown as the other; give both more photos")


def _fields(person: Enrolled) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "note": person.note,
        "enabled": person.enabled,
        "shown": person.shown_at(time.time()) and person.photos > 0,
        "created_at": _iso(person.created_at),
        "expires_at": None if person.expires_at is None else _iso(person.expires_at),
        "photos": person.photos,
        "rejected": person.rejected,
    }


def _fields_of(template: Template) -> dict[str, Any]:
    return {"quality": round(template.quality, 3), "turn": round(template.turn, 3), "model": template.model}


def _row(person: Enrolled) -> tuple[str, ...]:
    return person.name, str(person.photos), _state(person), person.note


def _state(person: Enrolled) -> str:
    if person.expires_at is not None and person.expires_at <= time.time():
        return f"covered, expired {_when(person.expires_at)}"
    state = "shown" if person.enabled else "covered, disabled"
    return state if person.expires_at is None else f"{state} until {_when(person.expires_at)}"


def _look(template: Template) -> str:
    from appliance.portraits import SIDE_TURN

    view = "side view" if template.turn >= SIDE_TURN else "front view"
    return f"{view}, quality {template.quality:.2f}, {template.model}"


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")


def _count(people: int) -> str:
    return "1 person" if people == 1 else f"{people} people"


def _plain(path: Path) -> str:
    from appliance.files.pictures import told

    return told(path)


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _table(rows: Sequence[Sequence[str]]) -> None:
    """Columns that keep in line whatever the script: Hangul and emoji are two cells wide."""
    from rich.cells import cell_len

    widths = [max(cell_len(cell) for cell in column) for column in zip(*rows)]
    for row in rows:
        cells = [cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths)]
        click.echo("  ".join(cells).rstrip())

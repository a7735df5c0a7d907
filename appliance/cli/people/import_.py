"""`mofy people import`: everybody out of such a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli._options import data_option
from appliance.cli._who import WHO
from appliance.cli.people._passphrase import passphrase
from appliance.cli.people._words import count, tell

if TYPE_CHECKING:
    from appliance.store.archive import Person
    from appliance.store.people import Dossier


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace people who are enrolled already; else they stay as they are.")
@data_option
def command(file: Path, replace: bool, data: Path) -> None:
    """Enrol everybody in FILE, which `export` wrote: all of them, or nobody when anything goes wrong."""
    from appliance.store import Store, archive

    given = archive.read(file, passphrase(confirm=False))
    kept = [] if replace else _already_there(given, data)
    wanted = [one for one in given if one.enrolled.name not in kept]
    if wanted:
        kept += Store.open(data, create=True).restore(_dossiers(wanted), WHO, replace)
    for name in kept:
        tell(f"{name}: is enrolled already and stays as it is; --replace takes the one in the file")
    click.echo(f"{count(len(given) - len(kept))} imported")


def _already_there(given: Sequence[Person], data: Path) -> list[str]:
    """Names in the file that somebody enrolled has."""
    from appliance.store import Store, exists
    from appliance.store.people import same_name

    there = {same_name(person.name) for person in Store.open(data).people()} if exists(data) else set()
    return [one.enrolled.name for one in given if same_name(one.enrolled.name) in there]


def _dossiers(given: Sequence[Person]) -> list[Dossier]:
    from appliance import config, enrolment
    from appliance.store.people import Dossier

    models = enrolment.models(config.load())
    return [
        Dossier(one.enrolled, enrolment.templates(one.photos, models), enrolment.templates(one.rejected, models))
        for one in given
    ]

"""`mofy people export`: everybody in one encrypted file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli._options import data_option
from appliance.cli.people._passphrase import passphrase
from appliance.cli.people._words import count, plain
from appliance.errors import InputError

if TYPE_CHECKING:
    from appliance.store.archive import Photo
    from appliance.store.people import Template


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@data_option
def command(file: Path, force: bool, data: Path) -> None:
    """Write everybody into FILE, encrypted with a passphrase (asked for, or MOFY_PASSPHRASE)."""
    from appliance.store import Store, archive

    people = [
        archive.Person(dossier.person, _photos(dossier.templates), _photos(dossier.rejected))
        for dossier in Store.open(data).dossiers()
    ]
    if not people:
        raise InputError("nobody is enrolled, there is nothing to export")
    archive.write(file, people, passphrase(confirm=True), overwrite=force)
    click.echo(f"{plain(file)}: {count(len(people))}")


def _photos(templates: Sequence[Template]) -> list[Photo]:
    from appliance.store.archive import Photo

    return [Photo(template.crop, template.quality, template.turn) for template in templates]

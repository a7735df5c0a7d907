"""`mofy people export`: everybody in one encrypted file."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._options import data_option
from appliance.cli.people._passphrase import passphrase
from appliance.cli.people._words import count, plain
from appliance.errors import InputError


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@data_option
def command(file: Path, force: bool, data: Path) -> None:
    """Write everybody into FILE, encrypted with a passphrase (asked for, or MOFY_PASSPHRASE)."""
    from appliance.enrolment import carrying
    from appliance.store import Store, archive

    people = carrying.packed(Store.open(data).dossiers())
    if not people:
        raise InputError("nobody is enrolled, there is nothing to export")
    archive.write(file, people, passphrase(confirm=True), overwrite=force)
    click.echo(f"{plain(file)}: {count(len(people))}")

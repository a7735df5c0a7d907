"""`mofy people import`: everybody out of such a file."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._options import data_option
from appliance.cli._who import WHO
from appliance.cli.people._passphrase import passphrase
from appliance.cli.people._words import count, tell


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace people who are enrolled already; else they stay as they are.")
@data_option
def command(file: Path, replace: bool, data: Path) -> None:
    """Enrol everybody in FILE, which `export` wrote: all of them, or nobody when anything goes wrong."""
    from appliance import config, enrolment
    from appliance.enrolment import carrying
    from appliance.store import archive

    given = archive.read(file, passphrase(confirm=False))
    kept = carrying.bring(given, data, lambda: enrolment.models(config.load()), WHO, replace)
    for name in kept:
        tell(f"{name}: is enrolled already and stays as it is; --replace takes the one in the file")
    click.echo(f"{count(len(given) - len(kept))} imported")

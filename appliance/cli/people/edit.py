"""`mofy people edit`: expiry and note."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._options import data_option
from appliance.cli._when import expires_option
from appliance.cli._who import WHO
from appliance.cli.people._words import state


@click.command("edit")
@click.argument("name")
@expires_option
@click.option("--note", help="Anything worth knowing, kept encrypted.")
@data_option
def command(name: str, expires: float | None, note: str | None, data: Path) -> None:
    """Change the expiry or the note of NAME."""
    from appliance.store import Store

    if expires is None and note is None:
        raise click.UsageError("nothing to change: give --expires or --note")
    person = Store.open(data).change(name, WHO, note=note, expires_at=expires)
    click.echo(f"{person.name}: {state(person)}")

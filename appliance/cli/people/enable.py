"""`mofy people enable`: shown again."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._options import data_option
from appliance.cli._who import WHO
from appliance.cli.people._words import state


@click.command("enable")
@click.argument("name")
@data_option
def command(name: str, data: Path) -> None:
    """Show NAME again."""
    from appliance.store import Store

    person = Store.open(data).change(name, WHO, enabled=True)
    click.echo(f"{person.name}: {state(person)}")

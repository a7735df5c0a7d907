"""`mofy people list`: everybody, a line each."""

from __future__ import annotations

import json
from pathlib import Path

import click

from appliance.cli._options import data_option
from appliance.cli.people._fields import fields
from appliance.cli.people._words import nobody, state, table


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@data_option
def command(as_json: bool, data: Path) -> None:
    """Show who is enrolled."""
    from appliance.store import Store, exists

    people = Store.open(data).people() if exists(data) else []
    if as_json:
        click.echo(json.dumps([fields(person) for person in people], indent=2))
    elif not people:
        click.echo(nobody(data))
    else:
        rows = [(person.name, str(person.photos), state(person), person.note) for person in people]
        table([("name", "photos", "state", "note"), *rows])

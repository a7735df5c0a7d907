"""`mofy people list`: everybody, a line each."""

from __future__ import annotations

import json
import time
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
        covered = _covered(data)
        rows = [(one.name, str(one.photos), covered.get(one.id) or state(one), one.note) for one in people]
        table([("name", "photos", "state", "note"), *rows])


def _covered(data: Path) -> dict[str, str]:
    """By id: whoever would be shown, and is wished covered by `mofy cover` or on the page."""
    from appliance.cli._faces import moment_told
    from appliance.store import Desired

    now = time.time()
    return {
        one.person: f"covered by wish, {moment_told(one.until)}"
        for one in Desired(data).claims(now)
        if one.kind == "cover-person" and one.person is not None
    }

"""`mofy people unreject`: takes back what was rejected."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._options import data_option
from appliance.cli._who import WHO


@click.command("unreject")
@click.argument("name")
@data_option
def command(name: str, data: Path) -> None:
    """Forget every photo of others that was rejected for NAME."""
    from appliance.enrolment import rejection
    from appliance.store import Store

    store = Store.open(data)
    gone = store.unreject(name, WHO)
    click.echo(f"{store.known(name).name}: {rejection.count(gone)} forgotten")

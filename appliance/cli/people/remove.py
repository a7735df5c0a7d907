"""`mofy people remove`: deleted for good."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._options import data_option
from appliance.cli._who import WHO


@click.command("remove")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@data_option
def command(names: tuple[str, ...], data: Path) -> None:
    """Delete people and everything stored of them, for good."""
    from appliance.store import Store

    store = Store.open(data)
    for name in names:
        store.known(name)
    for name in names:
        store.remove(name, WHO)
        click.echo(f"{name}: removed")

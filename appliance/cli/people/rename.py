"""`mofy people rename`: another name for the same person."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._options import data_option
from appliance.cli._who import WHO


@click.command("rename")
@click.argument("name")
@click.argument("new_name")
@data_option
def command(name: str, new_name: str, data: Path) -> None:
    """Give NAME another name."""
    from appliance.store import Store

    person = Store.open(data).change(name, WHO, new_name=new_name)
    click.echo(f"{person.name}: renamed")

"""`mofy fleet leave`: this box goes out."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._options import data_option
from appliance.cli._who import WHO


@click.command("leave")
@data_option
@click.option("--keep-people", is_flag=True, help="Keep also the people whom other boxes enrolled.")
@click.option("--force", is_flag=True, help="Leave although the broker cannot be told.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(data: Path, keep_people: bool, force: bool, yes: bool) -> None:
    """Take this box out of its fleet; the others change their key."""
    from appliance.fleet import errand
    from appliance.store import Store

    store = Store.open(data)
    fleet = errand.the_fleet(store)
    if not yes:
        click.confirm(f"take {fleet.name} out of the fleet?", abort=True)
    dropped = errand.leave(store, data, WHO, keep_people, force)
    click.echo(f"out of the fleet; {dropped} people whom other boxes enrolled were removed here")
    if force:
        click.echo(f"on one of the other boxes run: mofy fleet rotate --without {fleet.box}")

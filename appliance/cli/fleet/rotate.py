"""`mofy fleet rotate`: another key."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._options import data_option


@click.command("rotate")
@data_option
@click.option("--without", "out", metavar="BOX", multiple=True, help="Id or name of a box to take out; repeatable.")
def command(data: Path, out: tuple[str, ...]) -> None:
    """Change the fleet's key, for a box that was lost or sold: it hears nothing more."""
    from appliance.fleet import errand
    from appliance.store import Store

    epoch = errand.rotate(Store.open(data), data, out)
    click.echo(f"the fleet goes on with key {epoch}" + (f", without {', '.join(out)}" if out else ""))
    if out:
        click.echo("take its user and password from the broker too, if it had its own")

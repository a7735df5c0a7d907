"""`mofy guests`: who is revealed or covered by a wish of the moment."""

from __future__ import annotations

import time
from pathlib import Path

import click

from appliance.cli._options import data_option
from appliance.cli._who import WHO


@click.command("guests")
@data_option
@click.option("--forget", is_flag=True, help="Forget every guest at once: covered again.")
def command(data: Path, forget: bool) -> None:
    """List guests and whoever is covered by wish; `mofy reveal` and `mofy cover` make them."""
    from appliance.cli import _faces
    from appliance.store import Desired

    if forget:
        count = Desired(data).forget_guests(WHO)
        click.echo(f"{count} {'guest' if count == 1 else 'guests'} forgotten")
        return
    claims = Desired(data).claims(time.time())
    told = _told(data)
    for claim in claims:
        words = told.get(claim.id, "not obeyed: no engine is running")
        click.echo(f"{_faces.named(data, claim)}: {words}, {_faces.moment_told(claim.until)}")
    if not claims:
        click.echo("no guests, and nobody is covered by wish")


def _told(data: Path) -> dict[str, str]:
    """Words by claim, of a running engine."""
    from appliance.cli import _faces
    from appliance.errors import InputError

    try:
        return {one.id: one.words for one in _faces.running(data).claims}
    except InputError:
        return {}

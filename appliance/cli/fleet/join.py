"""`mofy fleet join`: this box comes in."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import click

from appliance.cli._options import data_option
from appliance.cli._who import WHO


@click.command("join")
@data_option
@click.argument("code")
@click.option("--name", help="What this box is called. [default: this machine's name]")
@click.option(
    "--wait", "wait_s", type=click.FloatRange(1, 600), default=30.0, metavar="S", help="So long for an answer."
)
def command(data: Path, code: str, name: str | None, wait_s: float) -> None:
    """Come into a fleet by the CODE that `mofy fleet invite` printed on one of its boxes; - reads it from the input."""
    from appliance.fleet import errand, invitation, joining
    from appliance.store import Store

    read = invitation.read_code(sys.stdin.read(10_000) if code == "-" else code)
    store = Store.open(data, create=True)
    fleet = joining.join(store, data, read, name or socket.gethostname()[:100], WHO, wait_s)
    with errand.errand(store, data) as session:
        errand.settle(session)
        click.echo(f"in the fleet as {fleet.name} ({fleet.box}), with {len(session.circle.members) - 1} other boxes")
    click.echo(f"{len(store.people())} people are known here now; `mofy run` or `mofy control` keeps in touch")

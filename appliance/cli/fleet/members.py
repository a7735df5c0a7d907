"""`mofy fleet members`: who is in it."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._options import data_option


@click.command("members")
@data_option
def command(data: Path) -> None:
    """List who is in the fleet, and who was taken out; needs no broker."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from appliance.fleet import errand
    from appliance.store import Store

    store = Store.open(data)
    fleet = errand.the_fleet(store)
    listed = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("box", "name", ""):
        listed.add_column(title)
    for member in sorted(store.membership().members().values(), key=lambda one: (bool(one.removed), one.name)):
        word = "taken out" if member.removed else "this box" if member.box == fleet.box else ""
        listed.add_row(member.box, escape(member.name), word)
    Console().print(listed)
    at = fleet.broker
    click.echo(f"fleet {fleet.id}, key {fleet.epoch}, broker {at.host}:{at.port}{' with TLS' if at.tls else ''}")

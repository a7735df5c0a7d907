"""`mofy fleet list`: every box, and what it is doing."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from appliance.cli._options import data_option
from appliance.cli.fleet._broker import Given, broker_options
from appliance.cli.fleet._heard import heard
from appliance.cli.fleet._table import table


@click.command("list")
@data_option
@broker_options
@click.option("--watch", is_flag=True, help="Follow until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def command(data: Path, given: Given, watch: bool, as_json: bool) -> None:
    """Show every box: of the fleet, and of others on its broker."""
    from rich.console import Console
    from rich.live import Live

    with heard(data, given) as rows:
        if as_json:
            click.echo(json.dumps([asdict(row) for row in rows()], ensure_ascii=False))
        elif not watch:
            Console().print(table(rows()))
        else:
            with Live(table(rows()), auto_refresh=False) as live:
                while True:
                    live.update(table(rows()), refresh=True)

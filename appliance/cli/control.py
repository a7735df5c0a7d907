"""`mofy control`: the page, on this machine."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import click

from appliance.cli._options import data_option

BEHIND = 10
"""Niceness of the page beside an engine, as in its systemd unit: the picture comes first."""


@click.command("control")
@data_option
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free one.")
@click.option("--address", default="127.0.0.1", show_default=True, metavar="A", help="127.0.0.1 or ::1: no login yet.")
@click.option("--until-eof", is_flag=True, hidden=True, help="End when standard input does: `mofy run` holds it open.")
def command(data: Path, port: int, address: str, until_eof: bool) -> None:
    """Serve the page: see what the box sees, switch people on and off, cover everyone."""
    from appliance import control
    from appliance.supervision import stop_signals

    with stop_signals() as stop:
        built = control.build(control.Run(data, address, port))
        if until_eof:
            os.nice(BEHIND)
            threading.Thread(target=_stop_at_eof, args=(stop,), daemon=True).start()
        click.echo(f"page: {built.address}")
        built.run(stop)


def _stop_at_eof(stop: threading.Event) -> None:
    # Not sys.stdin: its lock, held by a daemon thread, would hinder the interpreter's end.
    while os.read(0, 1024):
        pass
    stop.set()

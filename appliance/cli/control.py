"""`mofy control`: the page and the MQTT agent, on this machine."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click

from appliance.cli import _welcome
from appliance.cli._ending import stop_at_eof
from appliance.cli._options import data_option
from appliance.cli._patience import patient

BEHIND = 10
"""Niceness of the page beside an engine, as in its systemd unit: the picture comes first."""


@click.command("control")
@data_option
@click.option("--config", "file", type=click.Path(path_type=Path), metavar="FILE", help="Options as in default.toml.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the page; 0 takes a free one. [default: 8080]")
@click.option("--address", metavar="A", help="Network address to listen on; 127.0.0.1: for this machine only.")
@click.option("--tls/--no-tls", default=None, help="Encrypt the page: https://.")
@click.option("--mqtt", "broker", metavar="HOST[:PORT]", help="The MQTT broker to speak with; empty: none.")
@click.option("--until-eof", is_flag=True, hidden=True, help="End when standard input does: `mofy run` holds it open.")
@patient
def command(
    data: Path,
    file: Path | None,
    port: int | None,
    address: str | None,
    tls: bool | None,
    broker: str | None,
    until_eof: bool,
) -> None:
    """Serve the page: see what the box sees, enrol people, switch them on and off, cover everyone."""
    from appliance import config, control
    from appliance.supervision import stop_signals

    given = {name: value for name, value in (("port", port), ("address", address), ("tls", tls)) if value is not None}
    loaded = config.load(file, {"page": given, "mqtt": {} if broker is None else _broker(broker)})
    page = loaded.page
    certificate = Path(page.certificate) if page.certificate else None
    run = control.Run(data, page.address, page.port, page.tls, certificate, page.names, loaded)
    with stop_signals() as stop:
        built = control.build(run)
        if until_eof:
            os.nice(BEHIND)
            stop_at_eof(stop)
        _welcome.page(built.address, built.fingerprint, data)
        built.run(stop)


def _broker(given: str) -> dict[str, str | int]:
    """HOST, HOST:PORT or [ADDRESS]:PORT, as options."""
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]]*))(?::(\d{1,5}))?", given.strip())
    if match is None or (match[3] is not None and not (match[1] or match[2])):
        raise click.BadParameter(f"{given!r}: HOST or HOST:PORT was expected", param_hint="--mqtt")
    host = match[1] or match[2]
    return {"broker": host} if match[3] is None else {"broker": host, "port": int(match[3])}

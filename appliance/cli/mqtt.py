"""`mofy mqtt`: what the box is called on a broker, and a broker for it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from appliance.cli._commands import Group
from appliance.cli._options import data_option


@click.group("mqtt", cls=Group)
def command() -> None:
    """The box on an MQTT broker: what it is called there, how it fares, and a broker of its own."""


@command.command("id")
@data_option
def show_id(data: Path) -> None:
    """Show the id of this box, which its topics begin with: mofy/ID/..."""
    from appliance.mqtt.box_id import box_id

    click.echo(box_id(data))


@command.command("status")
@data_option
def status(data: Path) -> None:
    """Show whether the box and its broker speak with each other, and why not. The exit code is 1 when they do not."""
    from appliance.mqtt import report
    from appliance.status import runtime_folder

    now = report.read(runtime_folder(data))
    click.echo(f"box:     {now.box}")
    click.echo(f"broker:  {now.broker}, {'connected' if now.connected else 'not connected'}")
    if now.fault:
        click.echo(f"fault:   {now.fault}")
    click.echo(f"refused: {now.refused} orders")
    if not now.connected:
        raise click.exceptions.Exit(1)


@command.command("setup")
@data_option
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--conf", type=click.Path(path_type=Path), metavar="FILE", help="Where mosquitto includes it from.")
@click.option("--port", type=click.IntRange(1, 65535), default=1883, show_default=True, help="For this machine only.")
@click.option("--tls-port", type=click.IntRange(1, 65535), default=8883, show_default=True, help="For all others.")
@click.option("--new", "anew", is_flag=True, help="New passwords and certificates; everybody must be told.")
def set_up(data: Path, folder: Path, conf: Path | None, port: int, tls_port: int, anew: bool) -> None:
    """Make in FOLDER what a broker of this box needs: configuration, passwords, access list, certificates."""
    from appliance.mqtt.setup import setup

    made = setup(folder, data, conf, (port, tls_port), anew)
    click.echo(f"configuration: {made.configuration}")
    click.echo(f"certificate:   for {', '.join(made.names)}; whoever connects checks it with {folder / 'ca.pem'}")
    for user, password in made.passwords.items():
        # A password is for a person's eyes, not for a log.
        told = password if sys.stdout.isatty() else f"in {folder / f'password-{user}'}"
        click.echo(f"user {user}:".ljust(15) + told)

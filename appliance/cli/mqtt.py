"""`mofy mqtt`: what the box is called on a broker."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._options import data_option


@click.group("mqtt")
def command() -> None:
    """The box on an MQTT broker: what it is called there."""


@command.command("id")
@data_option
def show_id(data: Path) -> None:
    """Show the id of this box, which its topics begin with: mofy/ID/..."""
    from appliance.mqtt.box_id import box_id

    click.echo(box_id(data))

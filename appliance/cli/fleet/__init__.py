"""`mofy fleet`: many boxes that know the same people, watched and steered together."""

import click

from appliance.cli._commands import Commands


@click.command("fleet", cls=Commands, family="cli.fleet")
def command() -> None:
    """Many boxes: enrol once, known on all; see and steer them together."""

"""`mofy people`: who is enrolled."""

import click

from appliance.cli._commands import Commands


@click.command("people", cls=Commands, family="cli.people")
def command() -> None:
    """Enrol people, and see, change or remove who is enrolled."""

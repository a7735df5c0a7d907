"""`mofy people refresh`: stored faces, looked at anew."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._options import data_option
from appliance.cli._who import WHO


@click.command("refresh")
@data_option
def command(data: Path) -> None:
    """Look at the stored faces anew, after the model that recognises them was changed."""
    from appliance import config, enrolment
    from appliance.store import Store

    done = enrolment.refresh(Store.open(data), enrolment.models(config.load()), WHO)
    click.echo(f"{done} photos looked at anew" if done else "nothing to do: every photo is up to date")

"""`mofy reveal`: show a face of the running picture as a guest."""

from __future__ import annotations

import time
from pathlib import Path

import click

from appliance.cli import _faces
from appliance.cli._options import data_option
from appliance.cli._when import moment
from appliance.cli._who import WHO

USUAL_S = 3600.0
"""How long a guest is shown when nothing is said."""


@click.command("reveal")
@data_option
@click.argument("track", callback=_faces.number)
@click.option("--until", "--for", "until", callback=moment, metavar="WHEN", help="30m, 2h, 18:00, today. [default: 1h]")
@click.option("--name", metavar="NAME", help="The guest's name, kept encrypted.")
@click.option("--off", is_flag=True, help="Take it back: covered again.")
def command(data: Path, track: int, until: float | None, name: str | None, off: bool) -> None:
    """Show the face that `mofy status` numbers TRACK as a guest, for an hour or until WHEN.

    The face is learned while it is in the picture, and kept in the engine's memory only: it is forgotten at that time,
    when taken back, and when the engine ends.
    """
    from appliance.store import Desired

    if off:
        _faces.take_back(data, "reveal", track)
        click.echo(f"face {track}: no guest any more")
        return
    until = until or time.time() + USUAL_S
    claim = Desired(data).reveal(_faces.running(data).run, track, until, WHO, name)
    told = _faces.outcome(data, claim)
    click.echo(f"face {track}: {told.words}, {_faces.moment_told(told.until)}")

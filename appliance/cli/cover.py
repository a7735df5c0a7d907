"""`mofy cover`: keep a face, or a person, of the running picture covered."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._options import data_option
from appliance.cli._when import moment
from appliance.cli._who import WHO


@click.command("cover")
@data_option
@click.argument("who", metavar="TRACK|NAME")
@click.option("--until", "--for", "until", callback=moment, metavar="WHEN", help="30m, 2h, 18:00. [default: never]")
@click.option("--off", is_flag=True, help="Take it back.")
def command(data: Path, who: str, until: float | None, off: bool) -> None:
    """Cover a face at once, by its number TRACK of `mofy status`, or a person by NAME wherever he is found.

    This wins over being enrolled and over `mofy reveal`. A person stays covered after a restart of the engine, too.
    """
    from appliance.cli import _faces
    from appliance.store import Desired

    track = int(who) if who.isascii() and who.isdigit() else None
    person = _faces.person_id(data, who) if track is None else None
    if off:
        _faces.take_back(data, "cover" if person is None else "cover-person", track, person)
        click.echo(f"{_told(who, track)}: not covered by wish any more")
        return
    wished = Desired(data)
    words = "covered"
    if track is not None:
        # A number that is nobody's is not refused, for a face may have left a moment ago; but it is told.
        words = _faces.outcome(data, wished.cover(_faces.running(data).run, track, until, WHO)).words
    elif person is not None:
        wished.cover_person(person, until, WHO)
    click.echo(f"{_told(who, track)}: {words}, {_faces.moment_told(until)}")


def _told(who: str, track: int | None) -> str:
    return who if track is None else f"face {track}"

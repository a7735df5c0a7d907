"""What the commands that look at photos share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from appliance.cli.people._words import plain, tell
from appliance.errors import InputError

if TYPE_CHECKING:
    from appliance.enrolment import Sitting

face_option = click.option(
    "--face", type=click.IntRange(min=1), metavar="N", help="Of several faces take the N-th from the left."
)


def usable(sitting: Sitting) -> Sitting:
    """The same, once it is told what became of each photo and clip; raises InputError when none can be used."""
    from appliance.enrolment import footage_verdict

    for refusal in sitting.refused:
        tell(f"{plain(refusal.photo)}: not used: {refusal.reason}")
    for footage in sitting.footage:
        click.echo(f"{plain(footage.clip)}: {footage_verdict(footage)}")
    if not sitting.accepted:
        raise InputError("nothing was stored: none of the photos can be used")
    return sitting

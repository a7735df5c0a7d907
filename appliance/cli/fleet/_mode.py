"""`mofy fleet cover-everyone`, `selective`, `slate`: what many boxes show, with one command each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli._options import data_option
from appliance.cli._who import WHO

if TYPE_CHECKING:
    from appliance.store.membership import Member

OBEY_S = 6.0
"""So long for boxes that are on to say that they obeyed."""


def command_of(mode: str, meaning: str) -> click.Command:
    """The command that wishes boxes to be in a mode."""

    @click.command(mode, help=f"{meaning} On all boxes of the fleet, or those named.")
    @data_option
    @click.option("--box", "boxes", metavar="BOX", multiple=True, help="Id or name of a box; may be repeated.")
    @click.option("--all", "everywhere", is_flag=True, help="All boxes, which is the default.")
    def command(data: Path, boxes: tuple[str, ...], everywhere: bool) -> None:
        if boxes and everywhere:
            raise click.UsageError("give --box or --all, not both")
        _wish(data, mode, boxes)

    return command


def _wish(data: Path, mode: str, boxes: tuple[str, ...]) -> None:
    from appliance.fleet import errand
    from appliance.store import Store

    store = Store.open(data)
    with errand.errand(store, data) as session:
        there = session.circle.members
        wanted = [errand.found(there.values(), box) for box in boxes] or [m for m in there.values() if not m.removed]
        if any(member.box == session.fleet.box for member in wanted):
            # At once and without the broker: this box is the one that a person stands at.
            store.set_setting("mode", mode, WHO)
        others = [member.box for member in wanted if member.box != session.fleet.box]
        obeyed = {session.fleet.box: True, **errand.wish(session, data, others, mode, OBEY_S)}
    _print_obeyed(wanted, obeyed, mode)


def _print_obeyed(wanted: list[Member], obeyed: dict[str, bool], mode: str) -> None:
    for member in wanted:
        word = mode if obeyed[member.box] else f"does not answer: {mode} as soon as it hears of it"
        click.echo(f"{member.name} ({member.box}): {word}")
    if not all(obeyed.values()):
        raise click.exceptions.Exit(1)

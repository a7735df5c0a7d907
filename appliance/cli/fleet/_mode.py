"""`mofy fleet cover-everyone`, `selective`, `slate`: what many boxes show, with one command each."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli._options import data_option
from appliance.cli._who import WHO
from appliance.errors import InputError

if TYPE_CHECKING:
    from appliance.options import Mode
    from appliance.store import Store
    from appliance.store.membership import Fleet, Member

OBEY_S = 6.0
"""So long for boxes that are on to say that they obeyed."""


def command_of(mode: Mode, meaning: str) -> click.Command:
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


def _wish(data: Path, mode: Mode, boxes: tuple[str, ...]) -> None:
    from appliance.fleet import errand
    from appliance.store import Store

    store = Store.open(data)
    ours = errand.the_fleet(store)
    here = not boxes or _is_named(store, ours.box, boxes)
    if here:
        # At once and without the broker: this box is the one that a person stands at.
        _obey_here(data, mode, ours)
    with errand.errand(store, data) as session:
        there = session.circle.members
        wanted = [errand.found(there.values(), box) for box in boxes] or [m for m in there.values() if not m.removed]
        others = [member for member in wanted if member.box != ours.box]
        obeyed = errand.wish(session, data, [member.box for member in others], mode, OBEY_S)
    if not here and others != wanted:
        _obey_here(data, mode, ours)
    _print_obeyed(others, obeyed, mode)


def _is_named(store: Store, ours: str, boxes: tuple[str, ...]) -> bool:
    """Whether this box is among them, by all that is known here; what else they mean the broker tells."""
    from appliance.fleet import errand

    members = store.membership().members().values()
    for box in boxes:
        with suppress(InputError):
            if errand.found(members, box).box == ours:
                return True
    return False


def _obey_here(data: Path, mode: Mode, ours: Fleet) -> None:
    from appliance.live import panic

    if (why := panic.wish_mode(data, mode, WHO)) is not None:
        click.echo(f"mofy: {why}", err=True)
    click.echo(f"{ours.name} ({ours.box}): {mode}")


def _print_obeyed(others: list[Member], obeyed: dict[str, bool], mode: str) -> None:
    for member in others:
        word = mode if obeyed[member.box] else f"does not answer: {mode} as soon as it hears of it"
        click.echo(f"{member.name} ({member.box}): {word}")
    if not all(obeyed.values()):
        raise click.exceptions.Exit(1)

"""`mofy fleet invite`: a code that lets one more box in."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli._options import data_option
from appliance.cli._who import WHO
from appliance.cli.fleet._broker import Given, broker_options, for_others, place

if TYPE_CHECKING:
    from appliance.fleet.invitation import Code
    from appliance.store import Store
    from appliance.store.membership import Fleet

PAUSE_S = 0.5


@click.command("invite")
@data_option
@broker_options
@click.option("--address", metavar="HOST[:PORT]", help="How other machines reach the broker. [default: found out]")
@click.option(
    "--minutes", type=click.FloatRange(1, 24 * 60), default=10.0, show_default=True, help="How long it holds."
)
@click.option("--name", help="What this box is called, where the fleet begins. [default: this machine's name]")
@click.option("--no-wait", is_flag=True, help="Leave it to the control process to let the box in.")
def command(data: Path, given: Given, address: str | None, minutes: float, name: str | None, no_wait: bool) -> None:
    """Let one more box in: print a code, and draw it. The first invitation begins the fleet."""
    from appliance.fleet import joining
    from appliance.store import Store

    store = Store.open(data, create=True)
    fleet = _fleet(store, data, given, name)
    told = for_others(fleet.broker, address, given)
    if not no_wait:
        _tell_first(store, data)
    code = joining.invite(store, fleet, minutes * 60, told)
    _show(code, minutes)
    if not no_wait:
        _await_newcomer(store, data, code.invitation, minutes * 60)


def _fleet(store: Store, data: Path, given: Given, name: str | None) -> Fleet:
    """The fleet this box is in, which begins here if there is none."""
    from appliance.fleet import joining

    fleet = store.membership().fleet()
    if fleet is None:
        fleet = joining.begin(store, data, place(data, given), name or socket.gethostname()[:100], WHO)
        click.echo(f"a fleet begins, with this box as {fleet.name} ({fleet.box})")
    elif given.broker:
        raise click.UsageError("this box is in a fleet already, whose broker cannot be changed")
    return fleet


def _show(code: Code, minutes: float) -> None:
    import segno

    text = code.text()
    segno.make(text, error="l", micro=False).terminal(compact=True)
    click.echo(f"on the other box, within {minutes:g} minutes; the code lets one box in, show it to nobody else:\n")
    click.echo(f"mofy fleet join {text}\n")


def _tell_first(store: Store, data: Path) -> None:
    """Whoever comes in shall know everybody at once, though no control process may have told of them yet."""
    from appliance.fleet import errand

    with errand.errand(store, data) as session:
        if not errand.settle(session):
            click.echo("not everything was told yet; does the broker let this box write there?", err=True)


def _await_newcomer(store: Store, data: Path, invitation: str, lasts_s: float) -> None:
    from appliance.fleet import errand

    click.echo("waiting for it (Ctrl-C leaves that to the control process) ...")
    end_at = time.monotonic() + lasts_s
    while time.monotonic() < end_at:
        # Where another box changes the key meanwhile, whoever comes must be given the new one.
        with errand.errand(store, data, ready=False) as session:
            while time.monotonic() < end_at and session.step(PAUSE_S):
                if (newcomer := _newcomer(store, invitation)) is not None:
                    click.echo(f"{newcomer} is in the fleet")
                    return
    raise click.ClickException("nobody came; the invitation has expired")


def _newcomer(store: Store, invitation: str) -> str | None:
    """Who came in by it, if anybody did."""
    promised = store.membership().invitation(invitation)
    if promised is None or promised.taken_by is None:
        return None
    members = store.membership().members().values()
    return next((f"{one.name} ({one.box})" for one in members if one.public.hex() == promised.taken_by), "a box")

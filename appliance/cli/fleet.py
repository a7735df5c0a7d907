"""`mofy fleet`: many boxes that know the same people, watched and steered together."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.cli._fleet_broker import Given, broker_options, for_others, place
from appliance.cli._fleet_table import table
from appliance.cli._options import data_option

if TYPE_CHECKING:
    from appliance.fleet.roll import Row
    from appliance.store import Store
    from appliance.store.membership import Member

WHO = "command line"
LISTEN_S = 1.5
"""So long for boxes outside the fleet to be heard."""

OBEY_S = 6.0
"""So long for boxes that are on to say that they obeyed."""

PAUSE_S = 0.5


@click.group("fleet")
def command() -> None:
    """Many boxes: enrol once, known on all; see and steer them together."""


@command.command("list")
@data_option
@broker_options
@click.option("--watch", is_flag=True, help="Follow until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def list_(data: Path, watch: bool, as_json: bool, **broker: Any) -> None:
    """Show every box: of the fleet, and of others on its broker."""
    from rich.console import Console
    from rich.live import Live

    with _heard(data, **broker) as rows:
        if as_json:
            click.echo(json.dumps([asdict(row) for row in rows()], ensure_ascii=False))
        elif not watch:
            Console().print(table(rows()))
        else:
            with Live(table(rows()), auto_refresh=False) as live:
                while True:
                    live.update(table(rows()), refresh=True)


def _mode_command(mode: str, meaning: str) -> None:
    @command.command(mode, help=f"{meaning} On all boxes of the fleet, or those named.")
    @data_option
    @click.option("--box", "boxes", metavar="BOX", multiple=True, help="Id or name of a box; may be repeated.")
    @click.option("--all", "everywhere", is_flag=True, help="All boxes, which is the default.")
    def wish(data: Path, boxes: tuple[str, ...], everywhere: bool) -> None:
        if boxes and everywhere:
            raise click.UsageError("give --box or --all, not both")
        _wish(data, mode, boxes)


_mode_command("cover-everyone", "Show nobody, whoever is enrolled.")
_mode_command("selective", "Show who is enrolled again.")
_mode_command("slate", "No picture at all.")


@command.command()
@data_option
@broker_options
@click.option("--address", metavar="HOST[:PORT]", help="How other machines reach the broker. [default: found out]")
@click.option(
    "--minutes", type=click.FloatRange(1, 24 * 60), default=10.0, show_default=True, help="How long it holds."
)
@click.option("--name", help="What this box is called, where the fleet begins. [default: this machine's name]")
@click.option("--no-wait", is_flag=True, help="Leave it to the control process to let the box in.")
def invite(data: Path, address: str | None, minutes: float, name: str | None, no_wait: bool, **broker: Any) -> None:
    """Let one more box in: print a code, and draw it. The first invitation begins the fleet."""
    import segno

    from appliance.fleet import joining
    from appliance.store import Store

    store, given = Store.open(data, create=True), Given(**broker)
    fleet = store.membership().fleet()
    if fleet is None:
        fleet = joining.begin(store, data, place(data, given), name or socket.gethostname()[:100], WHO)
        click.echo(f"a fleet begins, with this box as {fleet.name} ({fleet.box})")
    elif given.broker:
        raise click.UsageError("this box is in a fleet already, whose broker cannot be changed")
    told = for_others(fleet.broker, address, given)
    if not no_wait:
        _tell_first(store, data)
    code = joining.invite(store, fleet, minutes * 60, told)
    text = code.text()
    segno.make(text, error="l", micro=False).terminal(compact=True)
    click.echo(f"on the other box, within {minutes:g} minutes; the code lets one box in, show it to nobody else:\n")
    click.echo(f"mofy fleet join {text}\n")
    if not no_wait:
        _await_newcomer(store, data, code.invitation, minutes * 60)


@command.command()
@data_option
@click.argument("code")
@click.option("--name", help="What this box is called. [default: this machine's name]")
@click.option(
    "--wait", "wait_s", type=click.FloatRange(1, 600), default=30.0, metavar="S", help="So long for an answer."
)
def join(data: Path, code: str, name: str | None, wait_s: float) -> None:
    """Come into a fleet by the CODE that `mofy fleet invite` printed on one of its boxes; - reads it from the input."""
    from appliance.fleet import errand, invitation, joining
    from appliance.store import Store

    read = invitation.read_code(sys.stdin.read(10_000) if code == "-" else code)
    store = Store.open(data, create=True)
    fleet = joining.join(store, data, read, name or socket.gethostname()[:100], WHO, wait_s)
    with errand.errand(store, data) as session:
        errand.settle(session)
        click.echo(f"in the fleet as {fleet.name} ({fleet.box}), with {len(session.council.members) - 1} other boxes")
    click.echo(f"{len(store.people())} people are known here now; `mofy run` or `mofy control` keeps in touch")


@command.command()
@data_option
@click.option("--keep-people", is_flag=True, help="Keep also the people whom other boxes enrolled.")
@click.option("--force", is_flag=True, help="Leave although the broker cannot be told.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def leave(data: Path, keep_people: bool, force: bool, yes: bool) -> None:
    """Take this box out of its fleet; the others change their key."""
    from appliance.fleet import errand
    from appliance.store import Store

    store = Store.open(data)
    fleet = errand.the_fleet(store)
    if not yes:
        click.confirm(f"take {fleet.name} out of the fleet?", abort=True)
    dropped = errand.leave(store, data, WHO, keep_people, force)
    click.echo(f"out of the fleet; {dropped} people whom other boxes enrolled were removed here")
    if force:
        click.echo(f"on one of the other boxes run: mofy fleet rotate --without {fleet.box}")


@command.command()
@data_option
@click.option("--without", "out", metavar="BOX", multiple=True, help="Id or name of a box to take out; repeatable.")
def rotate(data: Path, out: tuple[str, ...]) -> None:
    """Change the fleet's key, for a box that was lost or sold: it hears nothing more."""
    from appliance.fleet import errand
    from appliance.store import Store

    epoch = errand.rotate(Store.open(data), data, out)
    click.echo(f"the fleet goes on with key {epoch}" + (f", without {', '.join(out)}" if out else ""))
    if out:
        click.echo("take its user and password from the broker too, if it had its own")


@command.command()
@data_option
def members(data: Path) -> None:
    """List who is in the fleet, and who was taken out; needs no broker."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from appliance.fleet import errand
    from appliance.store import Store

    store = Store.open(data)
    fleet = errand.the_fleet(store)
    listed = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("box", "name", ""):
        listed.add_column(title)
    for member in sorted(store.membership().members().values(), key=lambda one: (bool(one.removed), one.name)):
        word = "taken out" if member.removed else "this box" if member.box == fleet.box else ""
        listed.add_row(member.box, escape(member.name), word)
    Console().print(listed)
    at = fleet.broker
    click.echo(f"fleet {fleet.id}, key {fleet.epoch}, broker {at.host}:{at.port}{' with TLS' if at.tls else ''}")


def _wish(data: Path, mode: str, boxes: tuple[str, ...]) -> None:
    from appliance.fleet import errand
    from appliance.store import Store

    store = Store.open(data)
    with errand.errand(store, data) as session:
        there = session.council.members
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


@contextmanager
def _heard(data: Path, **broker: Any) -> Iterator[Callable[[], list[Row]]]:
    """Gives the boxes as they are now, again and again."""
    from appliance.fleet import errand
    from appliance.fleet.agent import broker as broker_of
    from appliance.fleet.roll import Roll
    from appliance.mqtt.connection import Connection
    from appliance.store import Store, exists

    store = Store.open(data, create=True) if exists(data) else None
    fleet = store.membership().fleet() if store else None
    given = Given(**broker)
    where = fleet.broker if fleet and not given.broker else place(data, given)
    roll = Roll()
    connection = Connection(broker_of(where, data), f"mofy-list-{time.time_ns()}", roll.topics, roll.hear, keep=False)
    connection.start()
    try:
        if not connection.wait(10.0):
            raise click.ClickException(f"the broker {connection.fault or 'does not answer'}")
        if store is None or fleet is None or given.broker:
            yield lambda: _after(LISTEN_S, roll.rows)
            return
        with ExitStack() as opened:
            session = opened.enter_context(errand.errand(store, data))

            def rows() -> list[Row]:
                nonlocal session
                if not errand.attend(session, PAUSE_S):
                    opened.close()
                    session = opened.enter_context(errand.errand(store, data))
                return roll.rows(session.council.members.values(), session.council.cards)

            yield rows
    finally:
        connection.close()


def _after(pause_s: float, rows: Callable[[], list[Row]]) -> list[Row]:
    time.sleep(pause_s)
    return rows()

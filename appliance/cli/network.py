"""`mofy network`: the box's Wi-Fi and cable, and the Wi-Fi of its own."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli._commands import Group
from appliance.cli._options import data_option
from appliance.cli._patience import patient
from appliance.cli._who import WHO

if TYPE_CHECKING:
    from appliance.network.report import Report
    from appliance.network.wishes import Kind

ANSWER_S = 120.0
"""A try to join, and the way back when it fails."""

LOOK_EVERY_S = 0.3
NOBODY = (
    "nothing looks after the network here: the box's service mofy-network does not run, or only root may see it (sudo)"
)


@click.group("network", cls=Group, invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """The network of a box: what it is in, join a Wi-Fi, open one of its own."""
    if context.invoked_subcommand is None:
        show.main([], prog_name="mofy network", standalone_mode=False)


@command.command("status")
@data_option
@click.option("--password", is_flag=True, help="Show the password of the box's own Wi-Fi too.")
def show(data: Path, password: bool) -> None:
    """What the box is connected to, and what went wrong last."""
    from appliance import status
    from appliance.network import own, report

    told = report.read(status.runtime_place(data))
    click.echo(NOBODY if told is None else _standing(told))
    if told is not None and told.words and told.state != "unmanaged":
        click.echo(f"last failure: {told.words}")
    wifi = own.read(data)
    if wifi is not None:
        click.echo(f"own Wi-Fi: {wifi.name}{f', password {wifi.password}' if password else ''}")


@command.command("scan")
@data_option
def scan(data: Path) -> None:
    """Every Wi-Fi in reach, the strongest first; known ones are marked."""
    for one in _obeyed(data, "scan").seen:
        mark = "known" if one.known else ""
        click.echo(f"{one.signal:3} %  {one.ssid:32}  {one.security or 'open':12} {mark}".rstrip())


@command.command("join")
@data_option
@click.argument("ssid")
def join(data: Path, ssid: str) -> None:
    """Join the Wi-Fi SSID. Its password is asked for, or read from the input; empty: it is open, or known already."""
    from appliance.errors import MofyError

    if sys.stdin.isatty():
        password = click.prompt("password", hide_input=True, default="", show_default=False)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    told = _obeyed(data, "join", ssid, password)
    _note(data, f"network: joining {ssid}")
    if told.failure:
        raise MofyError(told.words)
    click.echo(_standing(told))


@command.command("hotspot")
@data_option
@click.argument("which", metavar="on|off", type=click.Choice(["on", "off"]))
def hotspot(data: Path, which: str) -> None:
    """on: open the box's own Wi-Fi and keep it; off: only where the box finds no other network."""
    _note(data, f"network: own Wi-Fi {which}")
    click.echo(_standing(_obeyed(data, "own" if which == "on" else "automatic")))


@command.command("forget")
@data_option
@click.argument("ssid")
def forget(data: Path, ssid: str) -> None:
    """Forget the Wi-Fi SSID and its password."""
    _note(data, f"network: {ssid} forgotten")
    _obeyed(data, "forget", ssid)
    click.echo(f"{ssid} is forgotten")


@command.command("keep")
@data_option
@click.option("--config", "file", type=click.Path(path_type=Path), metavar="FILE", help="Options as in default.toml.")
@click.option("--root", type=click.Path(path_type=Path), default="/", hidden=True, help="For tests.")
@patient
def keep(data: Path, file: Path | None, root: Path) -> None:
    """Look after the network until stopped: the service mofy-network. For root."""
    from appliance import config, status
    from appliance.network.keeper import Keeper, Site
    from appliance.options import cable_address
    from appliance.supervision import stop_signals

    options = config.load(file).network
    cable = cable_address(options.ethernet)
    runtime = status.runtime_folder(data)
    with stop_signals() as stop:
        Keeper(Site(data, runtime, cable, options.own_wifi == "auto", root)).run(stop)


def _obeyed(data: Path, kind: Kind, ssid: str = "", password: str = "") -> Report:
    """Wish it, and wait for the report that says it was done."""
    from appliance import status
    from appliance.errors import MofyError
    from appliance.network import report
    from appliance.network.wishes import Wish, wish

    runtime = status.runtime_place(data)
    told = report.read(runtime)
    if told is None or told.state == "unmanaged":
        raise MofyError(told.words if told else NOBODY)
    name = wish(data, runtime, Wish(kind, ssid, password))
    end_at = time.monotonic() + ANSWER_S
    while time.monotonic() < end_at:
        told = report.read(runtime)
        if told is not None and told.answered == name:
            return told
        time.sleep(LOOK_EVERY_S)
    raise MofyError(f"the network service gives no answer; {'look again with `mofy network`' if told else NOBODY}")


def _standing(told: Report) -> str:
    at = f" at {', '.join(told.addresses)}" if told.addresses else ""
    return {
        "cable": f"on a cable{at}",
        "wifi": f"in the Wi-Fi {told.ssid}{at}",
        "own": f"its own Wi-Fi {told.own} is open{at}{_guests(told.guests)}",
        "joining": f"joining the Wi-Fi {told.ssid}",
        "searching": "in no network yet",
        "unmanaged": told.words,
    }[told.state]


def _guests(number: int | None) -> str:
    return "" if number is None else f", {number} in it"


def _note(data: Path, what: str) -> None:
    from appliance.store import Store

    Store.open(data, create=True).note(WHO, what)

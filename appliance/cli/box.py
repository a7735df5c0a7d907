"""`mofy box`: which release runs on this box, the next one and the way back. For root; install.sh calls it too."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

import click

from appliance.cli._commands import Group


@click.group("box", cls=Group)
def command() -> None:
    """The releases on this box: which runs, upgrade to a signed one, go back."""


@command.command("releases")
def list_releases() -> None:
    """The releases on this box, the current one marked."""
    from appliance.box import releases
    from appliance.box.places import Places

    places = Places()
    running, before = releases.current(places), releases.previous(places)
    for one in releases.releases(places):
        mark = {running: "current", before: "previous"}.get(one, "")
        click.echo(f"{one.label:32} {mark}".rstrip())
    if running is None:
        click.echo("nothing is installed here; `sudo ./install.sh` does it")


@command.command()
@click.argument("label")
def activate(label: str) -> None:
    """Make the release LABEL the current one and start it (install.sh does this)."""
    from appliance.box import releases, update
    from appliance.box.places import Places
    from appliance.box.services import Systemd

    _root("activate")
    _whoever_listens()
    places = Places()
    update.activate(places, releases.release(places, label), Systemd(), _tell)


@command.command()
@click.argument("source", metavar="FILE|ADDRESS")
def upgrade(source: str) -> None:
    """Upgrade to a signed release; it is tried first, and the present one returns if it does not work."""
    from appliance.box import update
    from appliance.box.places import Places
    from appliance.box.services import Systemd

    _root("upgrade")
    _whoever_listens()
    update.upgrade(Places(), source, Systemd(), _tell)


@command.command()
def rollback() -> None:
    """Go back to the release before this one."""
    from appliance.box import update
    from appliance.box.places import Places
    from appliance.box.services import Systemd

    _root("rollback")
    _whoever_listens()
    before = update.rollback(Places(), Systemd(), _tell)
    _tell(f"{before.label} runs again")


@command.command()
def resume() -> None:
    """End an update that the power cut off (the box does this at its next start)."""
    from appliance.box import update
    from appliance.box.places import Places
    from appliance.box.releases import BusyError
    from appliance.box.services import Systemd

    _root("resume")
    # Started with the others also by an update that is under way: that one ends by itself.
    with suppress(BusyError):
        update.resume(Places(), Systemd(), _tell)


@command.command()
def seal() -> None:
    """Seal the box's keys to this machine: a copy of its folder or card backup opens nothing without it."""
    from appliance.box import keys, releases
    from appliance.box.places import Places

    _root("seal")
    with releases.alone(Places()):
        sealed = keys.seal(Places())
    for path in sealed:
        click.echo(f"{path}: sealed to this machine")
    if not sealed:
        click.echo("There is no open key: nothing was changed")
    _start_anew(bool(sealed))


@command.command()
def unseal() -> None:
    """Make files of the sealed keys again, for a backup that is to open on another machine."""
    from appliance.box import keys, releases
    from appliance.box.places import Places

    _root("unseal")
    with releases.alone(Places()):
        opened = keys.unseal(Places())
    for path in opened:
        click.echo(f"{path}: a file again, for root and the services only")
    if not opened:
        click.echo("There is no sealed key: nothing was changed")
    _start_anew(bool(opened))


@command.command()
@click.option("--purge", is_flag=True, help="People, passwords, recordings below /var/lib/mofy and the options too.")
def uninstall(purge: bool) -> None:
    """Take the box's services and releases away; people and options stay unless --purge."""
    from appliance.box import removal
    from appliance.box.places import Places
    from appliance.box.services import Systemd

    _root("uninstall")
    _whoever_listens()
    for line in removal.uninstall(Places(), Systemd(), purge):
        _tell(line)


def _whoever_listens() -> None:
    """The line to the box may break in the middle, for it is the box that restarts: the work goes on to its end."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _tell(line: str) -> None:
    with suppress(OSError):
        click.echo(line)


def _start_anew(changed: bool) -> None:
    """systemd hands out keys when it starts a service."""
    from appliance.box.services import Systemd

    services = Systemd()
    if changed and services.running():
        services.restart()


def _root(name: str) -> None:
    from appliance.errors import InputError

    if os.geteuid() != 0:
        raise InputError(f"mofy box {name}: changes the system, so run it as root: sudo mofy box {name}")

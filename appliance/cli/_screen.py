"""What the person at the terminal sees of a running picture."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from appliance.cli import _welcome
from appliance.cli._room import columns, fitted
from appliance.cli.status import NOBODY

if TYPE_CHECKING:
    from appliance.sinks import Login
    from appliance.status import Status

PLAIN_EVERY_S = 5.0
"""Where there is no terminal, a line of figures comes this often."""


class Screen:
    """Lines of their own, and below them one of figures that is written anew."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._terminal = sys.stdout.isatty()
        self._printed_at = float("-inf")
        self._faults: tuple[str, ...] = ()
        self._hinted = False

    def welcome(self, address: str, login: Login | None, data: Path) -> None:
        """Where the stream is and how to see it; the password is for a person's eyes, not for a log."""
        if self._quiet:
            return
        if login is not None and self._terminal:
            scheme, _, place = address.partition("://")
            address = f"{scheme}://{login.user}:{quote(login.password, safe='')}@{place}"
        click.echo(f"masked stream: {address}")
        if login is not None and not self._terminal:
            click.echo(f"  viewers are {login.user}, with the password in {data / 'rtsp-password'}")
        click.echo(f"  ffplay   ffplay -fflags nobuffer -rtsp_transport tcp {address}")
        click.echo(f"  VLC      vlc --network-caching=200 {address}")
        click.echo(f"  OBS      Sources, +, Media Source, untick Local File, Input: {address}")
        click.echo("stop with Ctrl-C")

    def figures(self, status: Status) -> None:
        """One line, in place on a terminal, every few seconds elsewhere; faults get their own line once."""
        if self._quiet:
            return
        if status.faults != self._faults:
            self._faults = status.faults
            for fault in status.faults:
                self._note(f"note: {fault}")
        self._hint(status)
        now = time.monotonic()
        if self._terminal or now - self._printed_at > PLAIN_EVERY_S:
            self._printed_at = now
            # A line that is wider than the terminal could not be written over: it would run down the screen.
            room = columns() - 1 if self._terminal else None
            click.echo(f"{self._start()}{line(status, room)}{'' if self._terminal else chr(10)}", nl=False)

    def _hint(self, status: Status) -> None:
        if status.state == "running" and not status.people and not status.faults and not self._hinted:
            self._hinted = True
            self.notes([f"note: {NOBODY}"])

    def notes(self, lines: list[str]) -> None:
        """Lines of their own."""
        if not self._quiet:
            for one in lines:
                self._note(one)

    def page(self, lines: list[str], data: Path) -> None:
        """What the page's process said; with the way in where a person can see it."""
        self.notes(lines)
        for one in lines:
            if one.startswith(_welcome.ADDRESS) and self._terminal and not self._quiet:
                _welcome.way_in(one.removeprefix(_welcome.ADDRESS), data)

    def end(self, over: str, record: Path | None) -> None:
        """The last lines; over: the film that came to its end, or nothing."""
        why = f": {over} is over (--loop begins it again)" if over else ""
        self.notes([f"stopped{why}"])
        if record is not None and record.exists():
            self.notes([f"recorded in {record}"])

    def _start(self) -> str:
        return "\r\x1b[K" if self._terminal else ""

    def _note(self, words: str) -> None:
        click.echo(self._start() + fitted(words))


def line(status: Status, room: int | None = None) -> str:
    """The figures in one line of at most so many columns, the most telling ones first."""
    parts = [
        status.state,
        f"{status.fps:.1f} fps",
        f"{status.covered} covered",
        f"{status.shown} shown",
        f"{status.people} enrolled",
        f"{status.clients} watching",
    ]
    if status.recording:
        parts.append("recording")
    if status.sound != "off":
        parts.append(f"sound {status.sound}")
    if status.push != "off":
        parts.append(f"push {status.push.partition(',')[0]}")
    parts.append(f"{status.width}x{status.height}")
    if "step" in status.latency_ms:
        parts.append(f"{status.latency_ms['step']:.0f} ms a frame")
    if status.temperature_c is not None:
        parts.append(f"{status.temperature_c:.0f} °C")
    while room is not None and len(" | ".join(parts)) > room and len(parts) > 1:
        parts.pop()
    return " | ".join(parts)[:room]

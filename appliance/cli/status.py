"""`mofy status`: what the running engine reports."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli._options import data_option
from appliance.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table

    from appliance.status import Status, TrackStatus

WATCH_S = 0.5

NOBODY = "nobody who may be shown, so everybody is covered; `mofy people add` enrols somebody"
"""A hint, no fault: a new box does what it should."""


@click.command("status")
@data_option
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@click.option("--watch", is_flag=True, help="Follow until Ctrl-C.")
def command(data: Path, as_json: bool, watch: bool) -> None:
    """Show what the running engine reports."""
    from appliance import status

    folder = status.runtime_folder(data)
    if watch:
        _follow(folder, as_json)
        return
    now = status.read(folder)
    _print(now, as_json)
    if status.is_stale(now, time.time()):
        raise click.exceptions.Exit(1)


def _print(now: Status, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(now), ensure_ascii=False))
        return
    from rich.console import Console

    Console().print(table(now, time.time()))


def _follow(folder: Path, as_json: bool) -> None:
    """Until Ctrl-C, which is the way to end it and no fault; an engine may come and go meanwhile."""
    from rich.live import Live

    from appliance import status

    with suppress(KeyboardInterrupt):
        if as_json:
            while True:
                _print(status.read(folder), True)
                time.sleep(WATCH_S)
        with Live(_picture(folder), auto_refresh=False) as live:
            while True:
                live.update(_picture(folder), refresh=True)
                time.sleep(WATCH_S)


def _picture(folder: Path) -> Table | str:
    """What stands on the screen now."""
    from appliance import status

    try:
        return table(status.read(folder), time.time())
    except InputError as error:
        return str(error)


def _face(track: TrackStatus) -> str:
    """One face by the number that `mofy reveal` and `mofy cover` know it by."""
    x0, y0, x1, _ = track.box
    return f"face {track.id}: {'shown' if track.person else 'covered'}, {x1 - x0} px wide at {x0}, {y0}"


def _colour(name: str, now: Status) -> str:
    """What is wrong is red, what may surprise yellow."""
    if name == "faults" and now.faults:
        return "red"
    surprising = {"people": not now.people, "mode": now.mode != "selective", "state": now.state != "running"}
    return "yellow" if surprising.get(name) else ""


def table(now: Status, at: float) -> Table:
    """The report as two columns; at: epoch seconds, for its age."""
    from rich.markup import escape
    from rich.table import Table

    from appliance.status import is_stale

    stale = f"  (no news for {at - now.at:.0f} s: the engine hangs or is gone)" if is_stale(now, at) else ""
    rows = {
        "state": now.state + stale,
        "mode": now.mode,
        "source": now.source,
        "stream": now.address,
        "picture": f"{now.width}x{now.height}, {now.fps:.1f} frames a second, {now.window} frames behind",
        "faces": "\n".join((f"{now.covered} covered, {now.shown} shown", *map(_face, now.tracks))),
        "people": f"{now.people} enrolled" if now.people or now.faults else NOBODY,
        "recording": "on" if now.recording else "off",
        "sound": now.sound,
        "display": now.display or "none",
        "push": now.push,
        "watching": str(now.clients),
        "time a frame": ", ".join(f"{stage} {ms:.1f} ms" for stage, ms in now.latency_ms.items()),
        "load": f"{now.busy:.0%} busy, {now.dropped} frames left out",
        "process": f"{now.cpu_percent:.0f} % of a processor, {now.memory_mb:.0f} MB",
        "board": now.board + (f", {now.temperature_c:.0f} °C" if now.temperature_c is not None else ""),
        "wishes": "\n".join(f"face {one.track}: {one.words}" for one in now.claims if one.track) or "none",
        "engine": f"MOFY {now.version}, process {now.pid}",
        "faults": "\n".join(now.faults) or "none",
    }
    shown = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in rows.items():
        shown.add_row(name, escape(value), style="red" if name == "state" and stale else _colour(name, now))
    return shown

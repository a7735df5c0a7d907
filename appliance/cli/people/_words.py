"""What the commands about people say alike."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from appliance.store.people import Enrolled


def nobody(data: Path) -> str:
    """Of a folder without people."""
    return f"nobody is enrolled in {plain(data)}; `mofy people add NAME PHOTO...` enrols somebody"


def state(person: Enrolled) -> str:
    """Shown or covered, why, and until when."""
    if person.expires_at is not None and person.expires_at <= time.time():
        return f"covered, expired {when(person.expires_at)}"
    now = "shown" if person.enabled else "covered, disabled"
    return now if person.expires_at is None else f"{now} until {when(person.expires_at)}"


def when(seconds: float) -> str:
    """Epoch seconds by the clock on the wall."""
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")


def count(people: int) -> str:
    """So many people: "1 person", "3 people"."""
    return "1 person" if people == 1 else f"{people} people"


def plain(path: Path) -> str:
    """A path that does no harm to a terminal."""
    from appliance.files.pictures import told

    return told(path)


def tell(line: str) -> None:
    """A line beside the command's own output."""
    click.echo(line, err=True)


def table(rows: Sequence[Sequence[str]]) -> None:
    """Print columns that keep in line whatever the script: Hangul and emoji are two cells wide."""
    from rich.cells import cell_len

    widths = [max(cell_len(cell) for cell in column) for column in zip(*rows)]
    for row in rows:
        cells = [cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths)]
        click.echo("  ".join(cells).rstrip())

"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

SERVICE_FOLDER = Path("/var/lib/mofy")
"""Where the box's services keep their data (StateDirectory of the units)."""

BOX_CONFIG = Path("/etc/mofy/mofy.toml")
"""Where install.sh puts a box's options: its services read them, and so do commands that speak of what these do."""

Command = TypeVar("Command", bound=Callable[..., Any])


def data_option(command: Command) -> Command:
    """Add `--data DIR` (or MOFY_DATA); the command is called with data: the Path of the folder, which may not exist."""
    option = click.option(
        "--data",
        envvar="MOFY_DATA",
        metavar="DIR",
        callback=_folder,
        help=f"Folder of people and key (or MOFY_DATA). [default: {SERVICE_FOLDER} on a box, else your data folder]",
    )
    return option(command)


def _folder(ctx: click.Context, param: click.Parameter, value: str | None) -> Path:
    if value is not None and not value.strip():
        raise click.BadParameter("is empty; the path of a folder was expected", ctx, param)
    return data_folder(None if value is None else Path(value))


def data_folder(given: Path | None = None) -> Path:
    """The folder given, else the services' one where it can be written, else the user's own."""
    if given is not None:
        return given
    if SERVICE_FOLDER.is_dir() and os.access(SERVICE_FOLDER, os.W_OK):
        return SERVICE_FOLDER
    import platformdirs

    return platformdirs.user_data_path("mofy")

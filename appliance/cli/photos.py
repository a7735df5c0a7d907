"""`mofy photos`: bring the face photos of the staged scene."""

from __future__ import annotations

from pathlib import Path

import click

from appliance import scene_photos


@click.command("photos")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def command(folder: Path) -> None:
    """Fetch the face photos that the staged scene (`--source walk`) and the tests use into FOLDER."""
    brought = scene_photos.fetch(folder)
    click.echo(f"{folder}: {len(brought)} photos brought" if brought else f"{folder}: all photos are here")

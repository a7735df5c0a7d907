"""`mofy selftest`: the parts together, from a picture to a masked frame, away from the box's people and port."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from appliance.status import Status

FIRST_S = 10.0


@click.command("selftest")
def command() -> None:
    """See a masked frame of the staged scene within ten seconds: models, masks, encoder and stream work here."""
    import os
    import tempfile
    from pathlib import Path

    from appliance import config, engine
    from appliance.capture.walk import photos_folder
    from appliance.errors import MofyError

    # Without its photos there is no scene; the test picture goes the same way but for the faces.
    source = "walk" if photos_folder().is_dir() else "test"
    changes = {"rtsp": {"port": 0, "address": "127.0.0.1"}}
    first = threading.Event()
    rates: list[float] = []

    def tell(status: Status) -> None:
        if status.state == "running":
            rates.append(status.fps)
            first.set()

    with tempfile.TemporaryDirectory(prefix="mofy-selftest-") as folder:
        # Never where the box's own engine reports, and never to its supervisor.
        os.environ["RUNTIME_DIRECTORY"] = folder
        os.environ.pop("NOTIFY_SOCKET", None)
        built = engine.build(engine.Run(source, config.load(None, changes), Path(folder)))
        built.run(first, FIRST_S, tell)
    if not first.is_set():
        raise MofyError(f"no masked frame of the source {source} within {FIRST_S:.0f} s")
    click.echo(f"a masked frame of the source {source} left; this MOFY works here")

"""`mofy jobs`: redacts the photos and videos that are sent through the page."""

from __future__ import annotations

import os
from pathlib import Path

import click

from appliance.cli._ending import stop_at_eof
from appliance.cli._options import data_option
from appliance.cli._patience import patient

MODEST = 19
"""Niceness: everything else on the machine goes first."""


@click.command("jobs")
@data_option
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Options as in default.toml.")
@click.option("--until-eof", is_flag=True, hidden=True, help="End when standard input does: `mofy run` holds it open.")
@patient
def command(data: Path, config: Path | None, until_eof: bool) -> None:
    """Work on the photos and videos that are sent through the page, at the lowest priority, until stopped.

    Several machines may share the work: each runs this with [jobs] folder and redis set alike.
    """
    from appliance import config as configuration
    from appliance.jobs import service
    from appliance.jobs.work import Site
    from appliance.supervision import stop_signals

    with stop_signals() as stop:
        site = Site(data, configuration.load(config))
        os.nice(MODEST)
        if until_eof:
            stop_at_eof(stop)
        service.serve(site, stop, click.echo)

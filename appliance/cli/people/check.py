"""`mofy people check`: how good what is enrolled is, in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.cli._options import data_option
from appliance.cli.people._words import nobody

if TYPE_CHECKING:
    from appliance.enrolment import Resemblance
    from appliance.enrolment.inspection import PhotoReport, Report


@click.command("check")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@data_option
def command(name: str | None, as_json: bool, data: Path) -> None:
    """Hold each photo of NAME, or of everybody, against the others: who is safely shown, and what would help."""
    from appliance import config, model_files
    from appliance.enrolment import inspection
    from appliance.store import Store, exists

    if name is None and not exists(data):
        click.echo("[]" if as_json else nobody(data))
        return
    store = Store.open(data)
    names = None if name is None else [store.known(name).name]
    reports = inspection.inspect(store.dossiers(), model_files.embedder_id(config.load()), names)
    if as_json:
        click.echo(json.dumps([_fields(report) for report in reports], indent=2))
        return
    for report in reports:
        for line in _lines(report):
            click.echo(line)
    if not reports:
        click.echo(nobody(data))


def _lines(report: Report) -> list[str]:
    lines = [f"{report.name}: {_verdict(report)}"]
    if len(report.photos) > 1:
        lines.append(f"  each photo against the others: {_score(report)}")
    lines += [f"  photo {photo.number}: {photo.fault}" for photo in report.photos if photo.fault]
    lines += [_mistaken(photo) for photo in report.photos if photo.taken_for]
    lines += [f"  looks like {one.name} ({one.similarity:.2f}): {_risk(one, report)}" for one in report.alike]
    return lines + [f"  -> {line}" for line in report.advice]


def _verdict(report: Report) -> str:
    from appliance.enrolment.inspection import FEWEST

    count = "1 photo" if len(report.photos) == 1 else f"{len(report.photos)} photos"
    if not report.photos:
        return "no photo that counts, always covered"
    if len(report.photos) == 1:
        return f"{count}, which nothing can be held against: shown now and then"
    if len(report.photos) < FEWEST:
        return f"{count}, too few: will often be covered"
    if report.confused:
        return f"{count}, but not safely told from others"
    return f"{count}, {'too unlike each other: will often be covered' if report.thin else 'good'}"


def _score(report: Report) -> str:
    tell, stay = (sum(getattr(one, what) for one in report.photos) for what in ("recognised", "stays_shown"))
    return f"{tell} of {len(report.photos)} recognised at once, {stay} stay shown once recognised"


def _risk(other: Resemblance, report: Report) -> str:
    return "one may be shown as the other" if other.similarity >= report.level else "but can be told apart"


def _mistaken(photo: PhotoReport) -> str:
    return f"  photo {photo.number}: would be shown as {photo.taken_for}"


def _fields(report: Report) -> dict[str, Any]:
    return {
        "name": report.name,
        "thin": report.thin,
        "photos": [
            {
                "number": photo.number,
                "similarity": round(photo.similarity, 3),
                "recognised": photo.recognised,
                "stays_shown": photo.stays_shown,
                "taken_for": photo.taken_for,
                "fault": photo.fault,
            }
            for photo in report.photos
        ],
        "outdated": report.outdated,
        "rejected": report.rejected,
        "alike": [{"name": one.name, "similarity": round(one.similarity, 3)} for one in report.alike],
        "advice": list(report.advice),
    }

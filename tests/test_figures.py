"""docs/figures.md tells of every figure there is, and of none that is not."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from appliance.status import Status
from tests.web.test_metrics import FULL
from web.figures import exposition
from web.reported import Report

ROWS = [line for line in (Path(__file__).parents[1] / "docs/figures.md").read_text("utf-8").splitlines() if "|" in line]


def words(column: int) -> set[str]:
    """What stands in back quotes there, without labels."""
    cells = [row.split("|")[column] for row in ROWS[2:]]
    return {re.sub(r"{.*}", "", word) for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


def test_every_field_of_the_report_is_told():
    assert words(1) == {field.name for field in fields(Status)}


def test_every_figure_of_prometheus_is_told():
    text, _ = exposition(Report(replace(FULL, at=0.0)))
    samples = {s.name for family in text_string_to_metric_families(text.decode()) for s in family.samples}
    assert words(3) == samples

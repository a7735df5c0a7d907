"""A shelf of its own, and files that are sent to it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from appliance import config
from appliance.jobs import uploads
from appliance.jobs.records import Record
from appliance.jobs.shelf import Shelf
from appliance.options import Config

CHECKOUT = Path(__file__).resolve().parents[2]
DRAWING = CHECKOUT / "docs" / "demo.jpg"
"""Drawn people, whom the real networks find."""


def options(**jobs: Any) -> Config:
    """The defaults but for these of [jobs]; little room is asked of the machine that tests."""
    return config.load(None, {"jobs": {"keep_free_mb": 10, **jobs}})


def sent(shelf: Shelf, path: Path, keep: tuple[str, ...] = (), name: str = "") -> Record:
    """A job whose upload is here."""
    content = path.read_bytes()
    record = uploads.begin(shelf, name or path.name, len(content), keep, {"style": "mosaic"}, "somebody")
    return uploads.receive(shelf, record.id, 0, io.BytesIO(content), len(content)).record


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """An empty one."""
    return Shelf(tmp_path / "data", options().jobs)

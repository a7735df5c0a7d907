"""Jobs that were begun."""

from __future__ import annotations

from appliance.jobs import records, uploads
from appliance.jobs.shelf import Shelf
from tests.jobs.conftest import DRAWING

PHOTO = DRAWING.read_bytes()


def begun(shelf: Shelf, size: int = len(PHOTO), name: str = "party.jpg") -> records.Record:
    return uploads.begin(shelf, name, size, ("p1",), {"style": "solid"}, "me")

"""Which version is here and which could be: what the installer leaves in update.json of the data folder.

    {"latest": "0.2.0", "notes": "one line", "url": "https://...", "in_progress": false}

All of it may be missing, and so may the file: then the version that runs is the newest that is known.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from appliance import __version__

NAME = "update.json"
MOST_BYTES = 10_000


class _Known(BaseModel):
    model_config = ConfigDict(extra="ignore")
    latest: Annotated[str, Field(pattern=r"^[0-9A-Za-z.+-]{1,40}$")] = __version__
    notes: Annotated[str, Field(max_length=255)] = ""
    url: Annotated[str, Field(pattern=r"^https?://\S{1,500}$")] | None = None
    in_progress: bool = False


def update(data: Path) -> dict[str, Any]:
    """What is told of versions, in Home Assistant's words; a file that means nothing is as good as none."""
    known = _read(data / NAME)
    told: dict[str, Any] = {
        "installed_version": __version__,
        "latest_version": known.latest,
        "title": "MOFY",
        "release_summary": known.notes,
        "in_progress": known.in_progress,
    }
    return told if known.url is None else {**told, "release_url": known.url}


def _read(path: Path) -> _Known:
    try:
        if path.stat().st_size > MOST_BYTES:
            return _Known()
        return _Known.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError, ValidationError):
        return _Known()

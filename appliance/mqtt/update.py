"""Which version is here, and what became of the last update: what `mofy box` writes into the data folder's update.json.

    {"state": "installing" | "current" | "refused" | "returned" | "failed", "release": "0.2.0-1a2b3c4d", "words": ""}

All of it may be missing, and so may the file. A release is told of before it runs only while it is being installed.
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
    state: str = "current"
    release: Annotated[str, Field(pattern=r"^[0-9A-Za-z.+-]{1,60}$")] = __version__
    words: str = ""


def update(data: Path) -> dict[str, Any]:
    """What is told of versions, in Home Assistant's words; a file that means nothing is as good as none."""
    known = _read(data / NAME)
    installing = known.state == "installing"
    # A label is a version and a piece of a checksum.
    coming = known.release.rpartition("-")[0] or known.release
    return {
        "installed_version": __version__,
        "latest_version": coming if installing else __version__,
        "title": "MOFY",
        "release_summary": known.words[:255],
        "in_progress": installing,
    }


def _read(path: Path) -> _Known:
    try:
        if path.stat().st_size > MOST_BYTES:
            return _Known()
        return _Known.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError, ValidationError):
        return _Known()

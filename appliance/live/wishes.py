"""The settings that page, MQTT and command line may wish while the engine runs, and how the engine reads them."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from appliance.config import Mode
from appliance.store import DATABASE, database, exists

MODE = "mode"
"""Key of the setting that says whether anybody may be shown at all."""

MODES: tuple[Mode, ...] = get_args(Mode)


def mode(value: str | None) -> Mode:
    """What a stored value means: nothing wished is selective; what is not understood covers everyone."""
    if value is None or value == "selective":
        return "selective"
    return "cover-everyone"


def wished_mode(folder: Path) -> Mode:
    """The mode wished in this folder's store, for which no key is needed. Never raises: unreadable covers everyone."""
    try:
        if not exists(folder):
            return "selective"
        with database.reading(folder / DATABASE) as db:
            row = next(db.query("SELECT value FROM settings WHERE key = ?", [MODE]), None)
    except Exception:  # whatever the reason, as in store.gallery_or_nobody
        return "cover-everyone"
    return mode(row["value"] if row else None)

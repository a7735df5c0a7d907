"""A person as programs read it."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from appliance.store.people import Enrolled


def fields(person: Enrolled) -> dict[str, Any]:
    """For JSON: times in ISO 8601, null for never."""
    return {
        "id": person.id,
        "name": person.name,
        "note": person.note,
        "enabled": person.enabled,
        "shown": person.shown_at(time.time()) and person.photos > 0,
        "created_at": _iso(person.created_at),
        "expires_at": None if person.expires_at is None else _iso(person.expires_at),
        "photos": person.photos,
        "rejected": person.rejected,
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")

"""Jobs that have been kept long enough, given up, or half deleted."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from appliance.errors import InputError, StoreError
from appliance.jobs import records
from appliance.jobs.place import touched, upload
from appliance.jobs.shelf import Shelf
from appliance.store.vault import Vault

ABANDONED_S = 3600.0
"""An upload of which nothing came for so long is given up."""

LONGEST_WORK_S = 12 * 3600.0
"""So much longer is kept what waits or works."""


def sweep(shelf: Shelf, now: float) -> list[str]:
    """Delete them, at epoch second `now`, and what was sent of those that have ended; ids of the jobs that went."""
    if not shelf.folder.is_dir():
        return []
    shelf.forget_deleted()
    try:
        vault: Vault | None = shelf.vault
    except StoreError:
        # What was sent lies open, and nobody can work on it any more.
        vault = None
    went = [place.name for place in shelf.places() if _is_over(place, vault, now, shelf.options.keep_hours * 3600.0)]
    for job in went:
        shelf.delete(job)
    for left in shelf.jobs() if vault else ():
        # Where the power went between the two.
        with suppress(OSError):
            shelf.forget_original(left.record)
    return went


def _is_over(place: Path, vault: Vault | None, now: float, kept_s: float) -> bool:
    if vault is None:
        return abs(now - touched(place)) > kept_s + LONGEST_WORK_S
    try:
        record = records.read(place, vault)
    except InputError:
        # Not to be read now is not yet no record: it may be for a moment only.
        kept_s = kept_s + LONGEST_WORK_S if (place / records.NAME).exists() else ABANDONED_S
        return now - touched(place) > kept_s
    if record.state == "uploading":
        return now - touched(upload(place, record)) > ABANDONED_S
    kept_from = record.ended_at if record.ended_at is not None else record.created_at
    # A clock that was set back keeps nothing for ever.
    return abs(now - kept_from) > kept_s + (0.0 if record.ended else LONGEST_WORK_S)

"""Jobs that have been kept long enough, given up, or half deleted."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
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


def date_anew(shelf: Shelf, ahead_s: float) -> None:
    """The clock was set ahead by so many seconds: each job stays as old as it is. Raises StoreError.

    A box that nobody told the time for weeks would lose what was sent to it the moment it comes into a network.
    """
    for job in shelf.jobs():
        record, sent = job.record, upload(shelf.place(job.record.id), job.record)
        with suppress(OSError):
            if record.ended_at is not None:
                shelf.update(replace(record, ended_at=record.ended_at + ahead_s))
            else:
                os.utime(sent, (touched(sent) + ahead_s,) * 2)


def _is_over(place: Path, vault: Vault | None, now: float, kept_s: float) -> bool:
    if vault is None:
        return abs(now - touched(place)) > kept_s + LONGEST_WORK_S
    try:
        record = records.read(place, vault)
    except InputError:
        # Not to be read now is not yet no record: it may be for a moment only.
        kept_s = kept_s + LONGEST_WORK_S if (place / records.NAME).exists() else ABANDONED_S
        return now - touched(place) > kept_s
    sent_at = touched(upload(place, record))
    if record.state == "uploading":
        return now - sent_at > ABANDONED_S
    kept_from = record.ended_at or sent_at or record.created_at
    # A clock that was set back keeps nothing for ever.
    return abs(now - kept_from) > kept_s + (0.0 if record.ended else LONGEST_WORK_S)

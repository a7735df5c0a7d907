"""Files that come in piece by piece: to the disk as they come, whole or not at all."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from appliance.errors import InputError, MofyError
from appliance.files.media_kind import Kind, kind_of
from appliance.jobs import records
from appliance.jobs.place import UPLOAD, Job, faults, upload
from appliance.jobs.records import Record
from appliance.jobs.shelf import Shelf
from appliance.options import JobOptions

MEGABYTE = 1_000_000
CHUNK_BYTES = 256 * 1024


class NoRoomError(MofyError):
    """The disk, or the list, has no room for another job now."""


class PieceError(InputError):
    """A piece that does not begin where the one before ended."""

    def __init__(self, have: int) -> None:
        """have: bytes that are here already."""
        super().__init__(f"the upload goes on at byte {have}")
        self.have = have


def begin(shelf: Shelf, name: str, size: int, keep: tuple[str, ...], look: Mapping[str, Any], uploader: str) -> Record:
    """A new job whose bytes are to come; raises InputError, NoRoomError or StoreError."""
    if size <= 0:
        raise InputError("the file is empty")
    if size > shelf.options.most_mb * MEGABYTE:
        raise InputError(f"the file is too large: {shelf.options.most_mb} MB at most")
    vault, jobs = shelf.vault, shelf.jobs()
    if len(jobs) >= shelf.options.most_jobs:
        raise NoRoomError(f"there are {len(jobs)} files here already; delete some first")
    _refuse_without_room(shelf.folder, size + sum(job.record.size - job.received for job in jobs), shelf.options)
    record = Record(
        secrets.token_hex(8), records.clean_name(name), size, keep, dict(look), uploader, round(time.time(), 3)
    )
    with faults(shelf.folder):
        place = shelf.place(record.id)
        (place / UPLOAD).mkdir(mode=0o700, parents=True)
        place.chmod(0o700)
        os.close(os.open(upload(place, record), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        records.write(record, place, vault)
    return record


def receive(shelf: Shelf, job: str, offset: int, piece: IO[bytes], most: int) -> Job:
    """Append what the stream holds, to the disk as it comes; `waiting` once it is whole.

    Raises PieceError when it does not begin where the last one ended, InputError when there is more than announced
    or most, NoRoomError. What came before stays.
    """
    found, place = _coming(shelf, job), shelf.place(job)
    with faults(place), upload(place, found.record).open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        # Whoever had the lock may have brought the end of it: then it is waiting, or worked on, already.
        _coming(shelf, job)
        have = file.seek(0, os.SEEK_END)
        if have != offset:
            raise PieceError(have)
        _refuse_without_room(shelf.folder, found.record.size - have, shelf.options)
        if not _append(file, piece, min(found.record.size - have, most)):
            file.truncate(have)
            raise InputError("more was sent than was announced")
        if file.tell() < found.record.size:
            return replace(found, received=file.tell())
        os.fsync(file.fileno())
        shelf.update(_taken(found.record, upload(place, found.record)))
    return shelf.job(job)


def _coming(shelf: Shelf, job: str) -> Job:
    found = shelf.job(job)
    if found.record.state != "uploading":
        raise PieceError(found.received)
    return found


def _taken(record: Record, sent: Path) -> Record:
    """The record of a whole upload: waiting, or failed at once when it is nothing that can be redacted."""
    kind = kind_of(sent)
    if kind is not Kind.UNKNOWN:
        return replace(record, state="waiting", kind=kind.value)
    sent.unlink()
    why = "this is neither a photo (JPEG, PNG, WebP, HEIC) nor a video that MOFY reads"
    return replace(record, state="failed", error=why, ended_at=time.time())


def _refuse_without_room(folder: Path, size: int, options: JobOptions) -> None:
    """size: bytes still to come. The result may become as large as what was sent."""
    with faults(folder):
        free = shutil.disk_usage(folder).free
    if free < 2 * size + options.keep_free_mb * MEGABYTE:
        raise NoRoomError("the box has no room for this file now; delete other files, or send a shorter one")


def _append(file: IO[bytes], piece: IO[bytes], most: int) -> bool:
    """Copy the stream to the file's end; False when it held more bytes than `most`."""
    left = most
    while chunk := piece.read(min(CHUNK_BYTES, left + 1)):
        if len(chunk) > left:
            return False
        file.write(chunk)
        left -= len(chunk)
    file.flush()
    return True

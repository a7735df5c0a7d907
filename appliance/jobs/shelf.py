"""The folder of all jobs: taken in piece by piece, listed, handed out, deleted in time."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from appliance.errors import InputError, MofyError, StoreError
from appliance.files import outputs
from appliance.files.media_kind import MEDIA_SUFFIXES, Kind, kind_of
from appliance.jobs import records
from appliance.jobs.records import Record
from appliance.options import JobOptions
from appliance.store.ownership import like_folder
from appliance.store.vault import Vault, kept_key

FOLDER = "jobs"
KEY = "key"
UPLOAD, RESULT = "in", "out"
"""Folders of a job: what was sent, and what came of it."""

PROGRESS = "progress"
LOCK = "lock"
GONE = ".gone-"

MEGABYTE = 1_000_000
CHUNK_BYTES = 256 * 1024

WORKER = "worker"
"""Touched by whoever works on the jobs, every few seconds."""

ABSENT_S = 15.0

ABANDONED_S = 3600.0
"""An upload of which nothing came for so long is given up."""

ID = re.compile(r"^[0-9a-f]{16}$")


class NoRoomError(MofyError):
    """The disk, or the list, has no room for another job now."""


class PieceError(InputError):
    """A piece that does not begin where the one before ended."""

    def __init__(self, have: int) -> None:
        """have: bytes that are here already."""
        super().__init__(f"the upload goes on at byte {have}")
        self.have = have


@dataclass(frozen=True, slots=True)
class Job:
    """A record with what changes all the time."""

    record: Record
    received: int
    """Bytes that have come."""
    done: int = 0
    """Frames."""
    expected: int | None = None
    before: bool = False
    after: bool = False
    """Whether there are pictures to compare."""


class Shelf:
    """All jobs of one box, or of all machines that share the folder. Calls may come from many processes."""

    def __init__(self, data: Path, options: JobOptions) -> None:
        """Nothing is made before the first job comes."""
        self.folder = Path(options.folder) if options.folder else data / FOLDER
        self._options = options

    @property
    def vault(self) -> Vault:
        """What records are locked with; raises StoreError."""
        try:
            if not self.folder.is_dir():
                self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self.folder.mkdir(mode=0o700, exist_ok=True)
                like_folder(self.folder)
            return Vault(kept_key(self.folder / KEY))
        except OSError as error:
            raise StoreError(
                f"{self.folder}: jobs cannot be kept here ({(error.strerror or str(error)).lower()})"
            ) from None

    def keep_before(self, job: str, jpeg: bytes) -> None:
        """Keep a moment as it was, locked: whoever is in it is bare. Raises OSError, StoreError."""
        with outputs.whole(self.place(job) / BEFORE, overwrite=True) as part:
            part.write_bytes(self.vault.lock(jpeg, f"jobs/{job}/before"))

    def before(self, job: str) -> bytes:
        """That moment; raises OSError, StoreError."""
        return self.vault.open((self.place(job) / BEFORE).read_bytes(), f"jobs/{job}/before")

    def place(self, job: str) -> Path:
        """The folder of a job by its id; raises InputError for what is no id."""
        if not ID.match(job):
            raise InputError("there is no such job any more")
        return self.folder / job

    def jobs(self) -> list[Job]:
        """All that can be read, newest first; raises StoreError."""
        if not self.folder.is_dir():
            return []
        vault, found = self.vault, []
        for place in self._places():
            with contextlib.suppress(InputError):
                found.append(_seen(records.read(place, vault), place))
        return sorted(found, key=lambda job: (-job.record.created_at, job.record.id))

    def job(self, job: str) -> Job:
        """One by its id; raises InputError when there is none."""
        place = self.place(job)
        if not (place / records.NAME).exists():
            raise InputError("there is no such job any more")
        return _seen(records.read(place, self.vault), place)

    def begin(self, name: str, size: int, keep: tuple[str, ...], look: Mapping[str, Any], uploader: str) -> Record:
        """A new job whose bytes are to come; raises InputError, NoRoomError or StoreError."""
        if size <= 0:
            raise InputError("the file is empty")
        if size > self._options.most_mb * MEGABYTE:
            raise InputError(f"the file is too large: {self._options.most_mb} MB at most")
        vault, jobs = self.vault, self.jobs()
        if len(jobs) >= self._options.most_jobs:
            raise NoRoomError(f"there are {len(jobs)} files here already; delete some first")
        self._refuse_without_room(size + sum(job.record.size - job.received for job in jobs))
        record = Record(
            secrets.token_hex(8), records.clean_name(name), size, keep, dict(look), uploader, round(time.time(), 3)
        )
        with _told(self.folder):
            place = self.place(record.id)
            (place / UPLOAD).mkdir(mode=0o700, parents=True)
            place.chmod(0o700)
            os.close(os.open(_upload(place, record), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            records.write(record, place, vault)
        return record

    def receive(self, job: str, offset: int, piece: IO[bytes], most: int) -> Job:
        """Append what the stream holds, to the disk as it comes; `waiting` once it is whole.

        Raises PieceError when it does not begin where the last one ended, InputError when there is more than announced
        or most, NoRoomError. What came before stays.
        """
        found = self.job(job)
        place = self.place(job)
        if found.record.state != "uploading":
            raise PieceError(found.received)
        with _told(place), _upload(place, found.record).open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            have = file.seek(0, os.SEEK_END)
            if have != offset:
                raise PieceError(have)
            self._refuse_without_room(found.record.size - have)
            if not _append(file, piece, min(found.record.size - have, most)):
                file.truncate(have)
                raise InputError("more was sent than was announced")
            if file.tell() < found.record.size:
                return replace(found, received=file.tell())
            os.fsync(file.fileno())
            whole = self._taken(found.record, place)
        return self.job(whole.id)

    def delete(self, job: str) -> None:
        """Everything of a job, at once; whoever works on it stops. No job, no harm."""
        place = self.place(job)
        # Renamed first: from here on nobody can write into it under its name.
        gone = place.with_name(f"{GONE}{place.name}-{secrets.token_hex(4)}")
        with contextlib.suppress(FileNotFoundError):
            place.rename(gone)
        # Whoever was just writing into it may have hindered an earlier try.
        for leftover in self.folder.glob(f"{GONE}{place.name}-*"):
            shutil.rmtree(leftover, ignore_errors=True)

    def sweep(self, now: float) -> list[str]:
        """Delete what has been kept long enough, given up or half deleted; ids of the jobs that went."""
        went = []
        if self.folder.is_dir():
            for leftover in self.folder.glob(f"{GONE}*"):
                shutil.rmtree(leftover, ignore_errors=True)
        vault = self.vault if self.folder.is_dir() else None
        for place in self._places():
            if vault is not None and self._is_over(place, vault, now):
                self.delete(place.name)
                went.append(place.name)
        return went

    def sign(self) -> None:
        """Say that somebody works on the jobs; raises StoreError."""
        assert self.vault is not None
        with _told(self.folder):
            (self.folder / WORKER).touch(0o600)

    def is_worked_on(self, now: float) -> bool:
        """False when nobody has given a sign lately: what waits would wait for ever."""
        return abs(now - _touched(self.folder / WORKER)) < ABSENT_S

    def update(self, record: Record) -> None:
        """Replace a job's record; raises FileNotFoundError when it was deleted."""
        records.write(record, self.place(record.id), self.vault)

    def upload(self, record: Record) -> Path:
        """The file that was sent."""
        return _upload(self.place(record.id), record)

    def _is_over(self, place: Path, vault: Vault, now: float) -> bool:
        try:
            record = records.read(place, vault)
        except InputError:
            return now - _touched(place) > ABANDONED_S
        if record.state == "uploading":
            return now - _touched(_upload(place, record)) > ABANDONED_S
        kept_from = record.ended_at if record.ended_at is not None else record.created_at
        # Half a day for what waits or works; a clock that was set back keeps nothing for ever.
        return abs(now - kept_from) > self._options.keep_hours * 3600.0 + (0.0 if record.ended else 12 * 3600.0)

    def _taken(self, record: Record, place: Path) -> Record:
        """The record of a whole upload: waiting, or failed at once when it is nothing that can be redacted."""
        kind = kind_of(_upload(place, record))
        if kind is Kind.UNKNOWN:
            _upload(place, record).unlink()
            why = "this is neither a photo (JPEG, PNG, WebP, HEIC) nor a video that MOFY reads"
            taken = replace(record, state="failed", error=why, ended_at=time.time())
        else:
            taken = replace(record, state="waiting", kind=kind.value)
        self.update(taken)
        return taken

    def _refuse_without_room(self, size: int) -> None:
        """size: bytes still to come. The result may become as large as what was sent."""
        with _told(self.folder):
            free = shutil.disk_usage(self.folder).free
        if free < 2 * size + self._options.keep_free_mb * MEGABYTE:
            raise NoRoomError("the box has no room for this file now; delete other files, or send a shorter one")

    def _places(self) -> list[Path]:
        try:
            return [place for place in self.folder.iterdir() if ID.match(place.name)]
        except FileNotFoundError:
            return []


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


def _upload(place: Path, record: Record) -> Path:
    """What was sent, under a name that is ours but for a known suffix."""
    suffix = Path(record.name).suffix.lower()
    return place / UPLOAD / f"upload{suffix if suffix in MEDIA_SUFFIXES else ''}"


def _seen(record: Record, place: Path) -> Job:
    done, expected = _progress(place) if record.state == "working" else (record.frames, None)
    try:
        received = _upload(place, record).stat().st_size if record.state == "uploading" else record.size
    except OSError:
        received = 0
    return Job(record, received, done, expected, (place / BEFORE).exists(), (place / AFTER).exists())


BEFORE, AFTER = "before.locked", "after.jpg"
"""Small pictures of one moment, to compare."""


def _progress(place: Path) -> tuple[int, int | None]:
    try:
        data = json.loads((place / PROGRESS).read_text(encoding="utf-8"))
        return int(data["done"]), data["expected"]
    except (OSError, ValueError, KeyError, TypeError):
        return 0, None


def _touched(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


@contextlib.contextmanager
def _told(folder: Path) -> Iterator[None]:
    """What the file system says, in one line."""
    try:
        yield
    except FileNotFoundError:
        raise InputError("there is no such job any more") from None
    except OSError as error:
        raise StoreError(f"{folder}: {(error.strerror or str(error)).lower()}") from None

"""The folder of all jobs: listed, locked, deleted."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from pathlib import Path

from appliance.errors import InputError, StoreError, system_reason
from appliance.files import outputs
from appliance.jobs import records
from appliance.jobs.place import BEFORE, ID, Job, faults, seen, touched, upload
from appliance.jobs.records import Record
from appliance.options import JobOptions
from appliance.store.ownership import like_folder
from appliance.store.vault import Vault, kept_key

FOLDER = "jobs"
KEY = "key"
GONE = ".gone-"

WORKER = "worker"
"""Touched by whoever works on the jobs, every few seconds."""

ABSENT_S = 15.0


class Shelf:
    """All jobs of one box, or of all machines that share the folder. Calls may come from many processes."""

    def __init__(self, data: Path, options: JobOptions) -> None:
        """Nothing is made before the first job comes."""
        self.folder = Path(options.folder) if options.folder else data / FOLDER
        self.options = options

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
            raise StoreError(f"{self.folder}: jobs cannot be kept here ({system_reason(error)})") from None

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
        for place in self.places():
            with contextlib.suppress(InputError):
                found.append(seen(records.read(place, vault), place))
        return sorted(found, key=lambda job: (-job.record.created_at, job.record.id))

    def job(self, job: str) -> Job:
        """One by its id; raises InputError when there is none."""
        place = self.place(job)
        if not (place / records.NAME).exists():
            raise InputError("there is no such job any more")
        return seen(records.read(place, self.vault), place)

    def delete(self, job: str) -> None:
        """Everything of a job, at once; whoever works on it stops. No job, no harm."""
        place = self.place(job)
        # Renamed first: from here on nobody can write into it under its name.
        gone = place.with_name(f"{GONE}{place.name}-{secrets.token_hex(4)}")
        with contextlib.suppress(FileNotFoundError):
            place.rename(gone)
        self.forget_deleted(place.name)

    def forget_deleted(self, job: str = "") -> None:
        """What is left of this job, or of all that were deleted: whoever was writing into it may have hindered that."""
        for leftover in self.folder.glob(f"{GONE}{job}*"):
            shutil.rmtree(leftover, ignore_errors=True)

    def sign(self) -> None:
        """Say that somebody works on the jobs; raises StoreError."""
        assert self.vault is not None
        with faults(self.folder):
            (self.folder / WORKER).touch(0o600)

    def is_worked_on(self, now: float) -> bool:
        """False when nobody has given a sign lately: what waits would wait for ever."""
        return abs(now - touched(self.folder / WORKER)) < ABSENT_S

    def update(self, record: Record) -> None:
        """Replace a job's record; raises FileNotFoundError when it was deleted."""
        place = self.place(record.id)
        # Whoever was at work may have made the folder of a deleted job anew, and must not bring the job back with it.
        (place / records.NAME).stat()
        records.write(record, place, self.vault)

    def forget_original(self, record: Record) -> None:
        """What was sent is not needed any more once the work has ended; raises OSError."""
        if record.ended:
            self.upload(record).unlink(missing_ok=True)

    def upload(self, record: Record) -> Path:
        """The file that was sent."""
        return upload(self.place(record.id), record)

    def places(self) -> list[Path]:
        """Folders of jobs, in no order."""
        try:
            return [place for place in self.folder.iterdir() if ID.match(place.name)]
        except FileNotFoundError:
            return []

"""What is known of one job: one small locked file in the job's folder, replaced whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from appliance import whole_files
from appliance.errors import InputError, StoreError
from appliance.store.vault import Vault

NAME = "record"
MOST_NAME_LETTERS = 120

State = Literal["uploading", "waiting", "working", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Record:
    """One photo or video on its way. Times are epoch seconds."""

    id: str
    name: str
    """The file's name at whoever sent it; for people to read, never a path."""
    size: int
    """Bytes that are to come."""
    keep: tuple[str, ...]
    """Ids of the people who stay shown."""
    look: Mapping[str, Any]
    """Options of [look] for the covers."""
    uploader: str
    """Says whose session may see the picture before."""
    created_at: float
    state: State = "uploading"
    tries: int = 0
    ended_at: float | None = None
    error: str = ""
    """Why it failed, in words."""
    kind: str = ""
    """photo or video."""
    result: str = ""
    """Name of the finished file within the job's folder."""
    frames: int = 0
    covered: int = 0
    shown: int = 0
    missing: int = 0
    """How many of those who were to stay shown could not be: not enrolled any more, switched off or expired."""
    notes: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """True when nothing will happen to it any more."""
        return self.state in ("done", "failed")

    @property
    def download_name(self) -> str:
        """What the finished file is called where it is saved."""
        return f"{Path(self.name).stem}-masked{Path(self.result).suffix}"


def write(record: Record, folder: Path, vault: Vault) -> None:
    """Replace the record, durably; raises OSError: FileNotFoundError when the job was deleted."""
    locked = vault.lock(json.dumps(asdict(record)).encode(), _place(record.id))
    whole_files.replace(folder / NAME, locked, mode=0o600, durable=True)


def read(folder: Path, vault: Vault) -> Record:
    """The record of the job in this folder; raises InputError when there is none that can be read."""
    try:
        data = json.loads(vault.open((folder / NAME).read_bytes(), _place(folder.name)))
        known = {one.name: data[one.name] for one in fields(Record) if one.name in data}
        return Record(**{**known, "keep": tuple(data["keep"]), "notes": tuple(data.get("notes", ()))})
    except (OSError, StoreError, ValueError, TypeError, KeyError):
        raise InputError("there is no such job any more") from None


def clean_name(name: str) -> str:
    """A file name that is safe to show and to offer for saving; never empty."""
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(letter for letter in last if letter.isprintable()).strip(" .")
    stem, dot, suffix = printable.rpartition(".")
    short = f"{stem[: MOST_NAME_LETTERS - 10]}{dot}{suffix[:9]}" if dot else printable[:MOST_NAME_LETTERS]
    return short or "unnamed"


def _place(job: str) -> str:
    return f"jobs/{job}"

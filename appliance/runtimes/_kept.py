"""Engines that were built on this very machine, kept between starts: each with its checksum, for plugs are pulled."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from appliance import whole_files

UNSAVED: dict[Path, bytes] = {}
"""What the disk had no room for, as long as the process lives."""


def place(model: Path, version: str, board: str) -> Path:
    """Where the engine of this very file, library, chip and board lies: another of any of them is another engine."""
    import platformdirs

    checksum = hashlib.sha256(model.read_bytes()).hexdigest()[:16]
    name = re.sub(r"[^a-z0-9]+", "-", board.lower()).strip("-")
    return platformdirs.user_cache_path("mofy") / "engines" / f"{model.stem}-{checksum}-{version}-{name}.engine"


def read(file: Path) -> bytes | None:
    """The engine; None where there is none, or not the whole of it."""
    if file in UNSAVED:
        return UNSAVED[file]
    try:
        content = file.read_bytes()
    except OSError:
        return None
    size = hashlib.sha256().digest_size
    checksum, plan = content[:size], content[size:]
    # The library that loads it trusts what it reads.
    return plan if plan and hashlib.sha256(plan).digest() == checksum else None


def write(file: Path, plan: bytes) -> None:
    """Without room for it the engine is built again by the next process; nothing else is lost."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        whole_files.replace(file, hashlib.sha256(plan).digest() + plan)
    except OSError:
        UNSAVED[file] = plan

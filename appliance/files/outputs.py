"""Outputs appear whole or not at all: written under a temporary name beside their place, then renamed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.errors import InputError

PART = ".mofy-part-"
"""How the name of every file begins that is not whole yet."""


@contextmanager
def whole(place: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """A temporary path to write to; renamed to its place on success, removed on whatever else ends the block.

    Raises InputError when the place is taken and overwrite is not allowed.
    """
    refuse_taken(place, overwrite=overwrite)
    part = place.with_name(f"{PART}{secrets.token_hex(6)}{place.suffix}")
    try:
        # Private until it is whole, and never somebody else's file.
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield part
        _settle(part)
        refuse_taken(place, overwrite=overwrite)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)


def refuse_taken(place: Path, *, overwrite: bool) -> None:
    """Raise InputError when there is something at the place that may not be replaced."""
    if place.is_dir():
        raise InputError(f"{place}: is a folder; a file name was expected")
    if not overwrite and os.path.lexists(place):
        raise InputError(f"{place}: exists already; choose another name or add --overwrite")


def is_part(path: Path) -> bool:
    """True for a file that an interrupted run may have left."""
    return path.name.startswith(PART)


def _settle(part: Path) -> None:
    """On the disk and with the user's usual permissions."""
    descriptor = os.open(part, os.O_RDWR)
    try:
        os.fsync(descriptor)
        os.fchmod(descriptor, 0o666 & ~_umask())
    finally:
        os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask

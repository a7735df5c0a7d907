"""Releases side by side below /opt/mofy, and the link that says which one runs."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from appliance.box.places import Places
from appliance.errors import InputError

WHOLE = ".whole"
"""install.sh writes this file into a release last: one without it was cut off half-way."""

KEPT = 2
"""Releases besides the current one that stay on the disk."""


@dataclass(frozen=True, slots=True)
class Release:
    """One version of the program, complete with its Python packages."""

    folder: Path

    @property
    def label(self) -> str:
        """Its version and a piece of its checksum."""
        return self.folder.name

    @property
    def program(self) -> Path:
        """Its `mofy`."""
        return self.folder / ".venv/bin/mofy"

    @property
    def whole(self) -> bool:
        """False for one whose making was cut off."""
        return (self.folder / WHOLE).is_file()


def release(places: Places, label: str) -> Release:
    """The release of that label; raises InputError that lists those there are."""
    known = releases(places)
    found = next((one for one in known if one.label == label), None)
    if found is None:
        there = ", ".join(one.label for one in known) or "none"
        raise InputError(f"{places.releases}: there is no whole release {label!r}; there is {there}")
    return found


def releases(places: Places) -> list[Release]:
    """Every whole release, oldest first."""
    found = [Release(folder) for folder in places.releases.glob("*") if folder.is_dir()]
    return sorted((one for one in found if one.whole), key=lambda one: (one.folder / WHOLE).stat().st_mtime)


def current(places: Places) -> Release | None:
    """The release that runs."""
    return _linked(places.current)


def previous(places: Places) -> Release | None:
    """The one that ran before."""
    return _linked(places.previous)


def switch(places: Places, to: Release) -> None:
    """Make a release the current one, and remember the one before; each link is replaced whole."""
    before = current(places)
    if before is not None and before != to:
        _link(places.previous, before.folder)
    _link(places.current, to.folder)


def prune(places: Places) -> list[str]:
    """Delete all but the newest few; returns their labels. The current and the previous one always stay."""
    in_use = {one.folder for one in (current(places), previous(places)) if one}
    spare = [one for one in releases(places) if one.folder not in in_use]
    gone = spare[: max(len(spare) + len(in_use) - 1 - KEPT, 0)]
    for one in gone:
        (one.folder / WHOLE).unlink()
        shutil.rmtree(one.folder)
    return [one.label for one in gone]


def _linked(link: Path) -> Release | None:
    if not link.is_symlink():
        return None
    found = Release(link.resolve())
    return found if found.whole else None


def _link(link: Path, target: Path) -> None:
    # Made beside it and moved over it: at no moment is there no link, whenever the power goes.
    draft = link.with_name(f".{link.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    draft.symlink_to(os.path.relpath(target, link.parent))
    draft.replace(link)
    handle = os.open(link.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

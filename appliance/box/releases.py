"""Releases side by side below /opt/mofy, and the link that says which one runs."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from appliance.box.places import Places
from appliance.errors import InputError, MofyError
from appliance.whole_files import sync_folder

WHOLE = ".whole"
"""install.sh writes this file into a release last: one without it was cut off half-way."""

KEPT = 2
"""Releases besides the current one that stay on the disk."""

ABANDONED_S = 7200.0
"""A release that is not whole after so long is not being made any more."""


class BusyError(MofyError):
    """Somebody else is changing which release runs."""


@dataclass(frozen=True, slots=True)
class Release:
    """One version of the program, complete with its Python packages."""

    folder: Path

    @property
    def label(self) -> str:
        """Its version and a piece of its checksum."""
        return self.folder.name

    @property
    def version(self) -> str:
        """What an engine of it reports; raises MofyError."""
        return version_of(self.folder)

    @property
    def program(self) -> Path:
        """Its `mofy`."""
        return self.folder / ".venv/bin/mofy"

    @property
    def whole(self) -> bool:
        """False for one whose making was cut off."""
        return (self.folder / WHOLE).is_file()


def version_of(tree: Path) -> str:
    """Of a release, or of what one will be made of; raises MofyError."""
    file = tree / "appliance/__init__.py"
    with suppress(OSError):
        if found := re.search(r'^__version__ = "([^"]+)"', file.read_text(encoding="utf-8"), re.MULTILINE):
            return found[1]
    raise MofyError(f"{file}: tells no version")


def is_older(version: str, than: str) -> bool:
    """True where its numbers come first."""
    first, second = (tuple(map(int, re.findall(r"\d+", one))) for one in (version, than))
    return first < second


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
    """Make a release the current one; the link is replaced whole."""
    _link(places.current, to.folder)


def remember(places: Places, before: Release) -> None:
    """Make it the one to go back to."""
    _link(places.previous, before.folder)


def begin(places: Places, running: Release) -> None:
    """Write down that this release is about to be left; see Places.unfinished."""
    _link(places.unfinished, running.folder)


def begun_from(places: Places) -> Release | None:
    """The release that an update began from which has not ended; None where there is no such update."""
    return _linked(places.unfinished)


def end(places: Places) -> None:
    """The update has ended, well or back where it began."""
    places.unfinished.unlink(missing_ok=True)
    sync_folder(places.home)


@contextmanager
def alone(places: Places) -> Iterator[None]:
    """Nobody else changes which release runs meanwhile; raises MofyError when somebody does already."""
    places.releases.mkdir(parents=True, exist_ok=True)
    handle = os.open(places.releases, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError("another update of this box is going on; wait until it has ended") from None
        yield
    finally:
        os.close(handle)


def prune(places: Places) -> list[str]:
    """Delete all but the newest few, and what was begun and never made; returns labels. Those in use always stay."""
    in_use = {one.folder for one in (current(places), previous(places)) if one}
    spare = [one for one in releases(places) if one.folder not in in_use]
    gone = spare[: max(len(spare) + len(in_use) - 1 - KEPT, 0)]
    for one in gone:
        (one.folder / WHOLE).unlink()
    gone += [one for one in map(Release, places.releases.glob("*")) if not one.whole and one not in gone and _old(one)]
    for one in gone:
        shutil.rmtree(one.folder)
    return [one.label for one in gone]


def _old(release: Release) -> bool:
    return release.folder.is_dir() and abs(time.time() - release.folder.stat().st_mtime) > ABANDONED_S


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
    sync_folder(link.parent)

"""From one release to the next, and back by itself when the next one does not work."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from appliance.box import backup, broker, health, releases, signature, system_files
from appliance.box.places import Places
from appliance.box.releases import Release
from appliance.box.services import Services
from appliance.errors import InputError, MofyError, StoreError
from appliance.store.ownership import as_owner

Tell = Callable[[str], None]

MAKING_S = 1800
"""A Pi installs the Python packages from a memory card in minutes."""

MOST_BYTES = 2 << 30
"""No release is larger."""


def activate(places: Places, to: Release, services: Services, tell: Tell) -> None:
    """Make a whole release the current one and see it work; raises MofyError, and then the one before runs again."""
    before = releases.current(places)
    kept = backup.keep(places.data)
    if kept:
        tell(f"The people store was copied to {kept}")
    try:
        _run(places, to, services, tell)
    except MofyError as error:
        if before is None or before == to:
            note(places, "failed", to.label, str(error))
            raise
        tell(f"{to.label} does not work ({error}); going back to {before.label}")
        _back(places, before, services, tell)
        note(places, "returned", to.label, str(error))
        raise MofyError(f"{to.label} does not work: {error}; {before.label} runs again") from None
    note(places, "current", to.label, "")
    for gone in releases.prune(places):
        tell(f"Deleted the old release {gone}")


def rollback(places: Places, services: Services, tell: Tell) -> Release:
    """Back to the release before; raises InputError when there is none."""
    before = releases.previous(places)
    if before is None:
        raise InputError(f"{places.previous}: there is no release to go back to")
    _back(places, before, services, tell)
    note(places, "current", before.label, "gone back to by hand")
    return before


def upgrade(places: Places, source: str, services: Services, tell: Tell) -> Release:
    """The release in a signed file or at an address, tried and made current; raises MofyError with nothing changed."""
    with _work_folder(places) as folder:
        file = _fetched(source, folder, tell)
        signature.check(file, places.publisher, source)
        tell("The signature is the publisher's")
        tree = _unpacked(file, folder / "tree")
        new = _made(tree, places, tell)
    if new == releases.current(places):
        tell(f"{new.label} runs already")
        return new
    try:
        health.selftest(new)
    except MofyError as error:
        shutil.rmtree(new.folder, ignore_errors=True)
        note(places, "refused", new.label, str(error))
        raise
    tell(f"{new.label} passed its self-test")
    note(places, "installing", new.label, "")
    activate(places, new, services, tell)
    return new


def note(places: Places, state: str, label: str, words: str) -> None:
    """Write down what became of an update, for page and MQTT. What cannot be written hinders nothing."""
    running = releases.current(places)
    told = {"state": state, "release": label, "current": running.label if running else None, "words": words}
    with suppress(OSError):
        places.data.mkdir(parents=True, exist_ok=True)
        with as_owner(places.data):
            system_files.write(places.update, (json.dumps(told | {"at": time.time()}) + "\n").encode())


def version_of(release: Release) -> str:
    """The version that an engine of the release reports; raises MofyError."""
    text = (release.folder / "appliance/__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
    if found is None:
        raise MofyError(f"{release.folder}: tells no version")
    return found[1]


def _run(places: Places, to: Release, services: Services, tell: Tell) -> None:
    for path in system_files.place(to.folder, places):
        tell(f"Wrote or removed {path}")
    services.prepare()
    if not places.options.exists() or not places.options.stat().st_size:
        _first_options(places, to, services, tell)
    releases.switch(places, to)
    if not services.running():
        tell("There is no running systemd here: the services start at the next boot")
        return
    since = time.time()
    services.restart()
    try:
        health.settle(places, version_of(to), since)
    except MofyError as error:
        words = services.last_words().removeprefix("mofy: ")
        raise MofyError(f"{error}; the engine said: {words}" if words else str(error)) from None
    tell(f"{to.label} runs")


def _first_options(places: Places, to: Release, services: Services, tell: Tell) -> None:
    has_broker = broker.prepare(places, services, tell)
    defaults = (to.folder / "appliance/default.toml").read_text(encoding="utf-8")
    text = system_files.options(defaults, "127.0.0.1" if has_broker else "")
    system_files.write(places.options, text.encode(), 0o640)
    services.prepare()  # which lets the services read it
    tell(f"Wrote {places.options}: the options of this box")


def _back(places: Places, before: Release, services: Services, tell: Tell) -> None:
    # The engine and the page must not have the store open while it is put back.
    services.stop()
    with suppress(StoreError):
        if backup.give_back(places.data):
            tell("The people store is again as it was before the update")
    _run(places, before, services, tell)


@contextmanager
def _work_folder(places: Places) -> Iterator[Path]:
    places.home.mkdir(parents=True, exist_ok=True)
    for old in places.home.glob("incoming-*"):
        shutil.rmtree(old, ignore_errors=True)
    # Beside the releases, not in /tmp, which on a board may be a small part of its memory.
    folder = Path(tempfile.mkdtemp(prefix="incoming-", dir=places.home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fetched(source: str, folder: Path, tell: Tell) -> Path:
    if "://" not in source:
        path = Path(source)
        if not path.is_file():
            raise InputError(f"{source}: there is no such file; the .tar.gz of a release was expected")
        # What is checked is then unpacked: nobody else may put another file in its place between the two.
        for part in (path, signature.of(path)):
            if part.is_file():
                shutil.copyfile(part, folder / part.name)
        return folder / path.name
    if not source.startswith("https://"):
        raise InputError(f"{source}: only https:// addresses are read")
    tell(f"Fetching {source}")
    file = folder / "release.tar.gz"
    for address, target in ((source, file), (f"{source}.minisig", folder / "release.tar.gz.minisig")):
        try:
            with urllib.request.urlopen(address, timeout=30) as answer, target.open("wb") as out:
                _copied(answer, out)
        except OSError as error:
            raise InputError(f"{address}: cannot be fetched ({getattr(error, 'reason', error)})") from None
    return file


def _copied(answer: object, out: object) -> None:
    total = 0
    while piece := answer.read(1 << 20):  # type: ignore[attr-defined]
        total += len(piece)
        if total > MOST_BYTES:
            raise OSError("larger than any release")
        out.write(piece)  # type: ignore[attr-defined]


def _unpacked(file: Path, folder: Path) -> Path:
    try:
        with tarfile.open(file) as archive:
            _extract(archive, folder)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise InputError(f"{file}: is not the .tar.gz of a release ({error})") from None
    trees = list(folder.glob("*/install.sh"))
    if len(trees) != 1:
        raise InputError(f"{file}: is not a release: one folder with install.sh was expected in it")
    return trees[0].parent


def _extract(archive: tarfile.TarFile, folder: Path) -> None:
    if hasattr(tarfile, "data_filter"):
        archive.extractall(folder, filter="data")
    else:  # Python 3.10 and 3.11 as some distributions still have them; the publisher's signature was checked before
        archive.extractall(folder)


def _made(tree: Path, places: Places, tell: Tell) -> Release:
    """The release built from an unpacked tree by its own install.sh, which knows what it needs."""
    tell("Making the release (minutes on a small board)")
    environment = os.environ | {"MOFY_HOME": str(places.home)}
    run = subprocess.run(
        ["bash", str(tree / "install.sh"), "release"], env=environment, capture_output=True, text=True,
        timeout=MAKING_S, check=False,
    )  # fmt: skip
    if run.returncode:
        words = (run.stderr or run.stdout).strip().splitlines() or ["no reason given"]
        raise MofyError(f"the release cannot be made: {words[-1].removeprefix('install.sh: ')}")
    return releases.release(places, run.stdout.strip().splitlines()[-1])

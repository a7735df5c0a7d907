"""A release that comes from elsewhere: fetched, its signature checked, unpacked, and made beside the others."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.box import releases, signature
from appliance.box.places import Places
from appliance.box.releases import Release
from appliance.errors import InputError, MofyError

MAKING_S = 1800
"""A Pi installs the Python packages from a memory card in minutes."""

MOST_BYTES = 2 << 30
"""No release is larger."""


def made(places: Places, source: str, tell: Callable[[str], None]) -> Release:
    """The release in a signed file or at an address, whole and not yet current; raises MofyError, nothing changed."""
    with _work_folder(places) as folder:
        file = _fetched(source, folder, tell)
        signature.check(file, places.publisher, source)
        tell("The signature is the publisher's")
        tree = _unpacked(file, folder / "tree")
        _refuse_older(tree, places, source)
        return _made(tree, places, tell)


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


def _fetched(source: str, folder: Path, tell: Callable[[str], None]) -> Path:
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


def _refuse_older(tree: Path, places: Places, source: str) -> None:
    """It may not be able to read the people any more, and what it did wrong then it would do again."""
    running, version = releases.current(places), releases.version_of(tree)
    if running is not None and releases.is_older(version, running.version):
        raise InputError(
            f"{source}: is {version}, older than {running.version}, which runs; `sudo mofy box rollback` goes back to "
            "the release before"
        )


def _made(tree: Path, places: Places, tell: Callable[[str], None]) -> Release:
    """The release built from an unpacked tree by its own install.sh, which knows what it needs."""
    tell("Making the release (minutes on a small board)")
    environment = os.environ | {"MOFY_HOME": str(places.home)}
    try:
        run = subprocess.run(
            ["bash", str(tree / "install.sh"), "release"], env=environment, capture_output=True, text=True,
            timeout=MAKING_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise MofyError(f"the release was not made within {MAKING_S / 60:.0f} minutes; try again") from None
    if run.returncode:
        words = (run.stderr or run.stdout).strip().splitlines() or ["no reason given"]
        raise MofyError(f"the release cannot be made: {words[-1].removeprefix('install.sh: ')}")
    return releases.release(places, run.stdout.strip().splitlines()[-1])

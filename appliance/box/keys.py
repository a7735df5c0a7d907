"""The box's own keys: sealed to the machine at the first installation, or later by hand, and given back as files."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from appliance.box.places import Places
from appliance.box.releases import Release
from appliance.errors import InputError, StoreError
from appliance.store import DATABASE, database, sealing
from appliance.store.ownership import as_owner, forget_drafts, like_folder, make_once
from appliance.store.vault import KEY_BYTES, is_kept, read_key
from appliance.whole_files import sync_folder

Tell = Callable[[str], None]

UNIT = "systemd/mofy-keys.service"
"""A release with it knows sealed keys."""

OFFERED = "run/credstore.encrypted"
"""Where mofy-keys.service puts those that open on this machine, for systemd to hand to the services."""

MACHINE_SECRET = "var/lib/systemd"
FLEETING = frozenset({"overlayfs", "tmpfs", "ramfs"})


def fit(places: Places, to: Release, tell: Tell) -> None:
    """Bring the keys into the form that a release about to run can use: sealed for a new box, files for an old release.

    What cannot be done is told; never raises.
    """
    if (to.folder / UNIT).is_file():
        _begin(places, tell)
        return
    try:
        for path in unseal(places):
            tell(f"{path} is a file again: {to.label} knows nothing of sealed keys")
    except StoreError as error:
        tell(f"{to.label} will cover everyone: {error}")


def advise(places: Places, tell: Tell) -> None:
    """What the owner may want to do about keys that lie open."""
    if sealing.possible() and open_keys(places.data):
        tell(f"The keys below {places.data} are files; `sudo mofy box seal` seals them (`mofy help backup`)")


def _begin(places: Places, tell: Tell) -> None:
    """Sealed keys for a box that has none yet; where that fails they are made as files when first needed."""
    if not (sealing.possible() and places.data.is_dir() and _is_new(places)):
        return
    try:
        _refuse_fleeting(places)
        _make(places)
    except (InputError, StoreError) as error:
        tell(f"The keys are not sealed to this machine: {error}")
        return
    tell(f"The keys below {places.data} are sealed to this machine; `mofy help backup` tells what that means")


def seal(places: Places) -> list[Path]:
    """Seal those that lie open, or make them; an open one goes once the sealed one was read back.

    Returns what was sealed; raises InputError, StoreError.
    """
    if not sealing.possible():
        raise InputError(f"{sealing.PROGRAM}: is missing: sealing takes systemd 250 or newer; the keys stay files")
    if not places.data.is_dir():
        raise InputError(f"{places.data}: is missing: there is no box here whose keys could be sealed")
    _refuse_fleeting(places)
    if _is_new(places):
        _make(places)
        return list(_paths(places))
    _refuse_wrong(places)
    found = open_keys(places.data)
    for path in found:
        _seal_one(path, places.data)
    return found


def unseal(places: Places) -> list[Path]:
    """Make files of the sealed ones again; raises StoreError for one that does not open here, and leaves it."""
    found = [path for path in _paths(places) if sealing.sealed(path).exists()]
    for path in found:
        if not path.exists():
            key = sealing.opened(path)
            with database.faults(path), as_owner(places.data):
                make_once(path, key)
        with database.faults(path), as_owner(places.data):
            sealing.sealed(path).unlink()
            sync_folder(path.parent)
    return found


def open_keys(data: Path) -> list[Path]:
    """Those that lie as files in the folder."""
    return [data / place for place in sealing.CREDENTIALS if (data / place).is_file()]


def withdraw(places: Places) -> None:
    """Take back what systemd hands to the services."""
    for name in sealing.CREDENTIALS.values():
        (places.root / OFFERED / name).unlink(missing_ok=True)


def _is_new(places: Places) -> bool:
    return not database.exists(places.data) and not any(map(is_kept, _paths(places)))


def _make(places: Places) -> None:
    """Never seen by the disk. The list of people first: a key without one is what is left of one that was lost."""
    with as_owner(places.data):
        database.made(places.data)
    for path in _paths(places):
        _keep_sealed(secrets.token_bytes(KEY_BYTES), path, places.data)


def _refuse_fleeting(places: Places) -> None:
    """Raises InputError where the machine's secret is gone with the power, and the keys are not."""
    machine = places.root / MACHINE_SECRET
    machine = machine if machine.is_dir() else places.root
    if machine.stat().st_dev != places.data.stat().st_dev and _file_system(machine) in FLEETING:
        raise InputError(
            f"{machine}: lies in memory, and what is sealed with the machine's secret in it would be lost with the "
            "power; take the overlay off, restart, and run `sudo mofy box seal`"
        )


def _refuse_wrong(places: Places) -> None:
    """A key that was put there by mistake must not take the place of the one that opens the people."""
    from appliance.store import Store

    if (places.data / DATABASE).is_file() and is_kept(places.data / "key"):
        Store.open(places.data).close()


def _seal_one(path: Path, data: Path) -> None:
    key = read_key(path)
    with database.faults(path), as_owner(data):
        sealing.sealed(path).unlink(missing_ok=True)
    _keep_sealed(key, path, data)
    with database.faults(path), as_owner(data):
        path.unlink()
        forget_drafts(path)
        sync_folder(path.parent)


def _keep_sealed(key: bytes, path: Path, data: Path) -> None:
    """Durable, and read back as it lies there; written with no more rights than who owns the data."""
    locked = sealing.seal(key, path)
    with database.faults(path), as_owner(data):
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o700)
            like_folder(path.parent)
        make_once(sealing.sealed(path), locked)
    if sealing.unseal(sealing.sealed(path).read_bytes(), path) != key:
        raise StoreError(f"{sealing.sealed(path)}: does not hold the key that was sealed; the file {path} stays")


def _paths(places: Places) -> Iterator[Path]:
    return (places.data / place for place in sealing.CREDENTIALS)


def _file_system(path: Path) -> str:
    try:
        run = subprocess.run(["stat", "-f", "-c", "%T", path], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return run.stdout.strip()

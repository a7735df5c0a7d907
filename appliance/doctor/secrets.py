"""Whether files that hold secrets are kept from other users, and can be read by the one they are for."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterable
from pathlib import Path

from appliance.doctor import Finding, Site, ok, warning, wrong
from appliance.errors import StoreError
from appliance.store import sealing
from appliance.store.ownership import forbidden, is_shared

SECRET = (
    "key",
    "*-key",
    "*.sealed",
    "jobs/key",
    "jobs/*.sealed",
    "*password*",
    "*.pem",
    "*-pin",
    "*.db",
    "*.db-*",
    "*.mofy",
)
"""Names in the data folder whose content is nobody else's business."""

LOST = "put back the machine's secret or the key from a backup, or begin anew: `mofy help backup`"


def check(site: Site) -> Iterable[Finding]:
    """One for each file that others can read or its user cannot, or one for all."""
    if not site.data.is_dir():
        return [ok(f"{site.data}: holds nothing yet")]
    owner = site.data.stat().st_uid
    faults = [fault for path in _files(site) if (fault := _fault(path, owner))]
    who = "root" if owner == 0 else f"{_name(owner)} and root"
    kept = faults or [ok(f"{site.data}: nobody but {who} can read what is kept there")]
    return [*kept, *(found for place in sealing.CREDENTIALS if (found := _key(site.data / place)))]


def _key(path: Path) -> Finding | None:
    """Sealed, and whether it can be opened here; None for one that is not made, or cannot be sealed."""
    if not os.access(path.parent, os.X_OK):
        return None
    if path.exists():
        if not (sealing.possible() and is_shared(path.parent)):
            return None
        beside = ", beside a sealed one that it goes before" if sealing.sealed(path).exists() else ""
        return warning(f"{path}: is a file{beside}; this system could seal it", "sudo mofy box seal")
    if not sealing.sealed(path).exists():
        return None
    if not sealing.is_root():
        return ok(f"{path}: sealed to this machine; only root can look whether it opens")
    try:
        sealing.opened(path)
    except StoreError as error:
        return wrong(str(error), LOST)
    return ok(f"{path}: sealed to this machine, and opens")


def _files(site: Site) -> list[Path]:
    given = [site.config.rtsp.certificate, site.config.page.certificate]
    inside = sorted(path for pattern in SECRET for path in site.data.glob(pattern) if not path.is_symlink())
    return [site.data, *inside, *(Path(path) for path in given if path and Path(path).is_file())]


def _fault(path: Path, owner: int) -> Finding | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    if excess := forbidden(path):
        closed = f"chmod {stat.S_IMODE(found.st_mode) & ~excess:o} '{path}'"
        if path.is_dir():
            return warning(f"{path}: other users may look into it (mode {_mode(found)})", closed)
        return wrong(f"{path}: other users may use it (mode {_mode(found)})", closed)
    # The services of a box are several users of the folder's group.
    ours = is_shared(path.parent) and found.st_gid == path.parent.stat().st_gid
    if not ours and (found.st_uid not in (owner, 0) or (found.st_uid == 0 and owner != 0)):
        return wrong(
            f"{path}: belongs to {_name(found.st_uid)}, and {_name(owner)} needs it", f"chown {_name(owner)} '{path}'"
        )
    return None


def _mode(found: os.stat_result) -> str:
    return f"{stat.S_IMODE(found.st_mode):o}"


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)

"""Files for those who own the folder, and nobody else: on a box the services of one group share it, root may help."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from appliance.whole_files import sync_folder

OTHERS = 0o007
GROUP = 0o070


def like_folder(path: Path) -> None:
    """Give what was just made to whom its folder belongs: the owner when root made it, the group where it is shared."""
    folder = path.parent.stat()
    if os.geteuid() == 0:
        try:
            os.chown(path, folder.st_uid, folder.st_gid)
        except PermissionError:
            # A service that is root without root's rights: the group, which the folder hands down, is enough.
            if not is_shared(path.parent):
                raise
    if is_shared(path.parent):
        mode = path.stat().st_mode
        path.chmod(stat.S_IMODE(mode) | (stat.S_ISGID | GROUP if stat.S_ISDIR(mode) else GROUP & 0o666))


@contextlib.contextmanager
def as_owner(folder: Path) -> Iterator[None]:
    """For root, who works in others' folder: with no more rights than its owner, whatever links lie there."""
    if os.geteuid() != 0:
        yield
        return
    owner = folder.stat()
    os.setegid(owner.st_gid)
    try:
        os.seteuid(owner.st_uid)
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def is_shared(folder: Path) -> bool:
    """True for a folder that a group may write in, as on a box: engine and page are different users of one group."""
    return bool(folder.stat().st_mode & stat.S_IWGRP)


def forbidden(path: Path) -> int:
    """Which permissions of a file that holds a secret are too many."""
    shared = is_shared(path if path.is_dir() else path.parent)
    return stat.S_IMODE(path.stat().st_mode) & (OTHERS if shared else OTHERS | GROUP)


def keep_from_others(path: Path) -> None:
    """Take those away, where that can be done."""
    if excess := forbidden(path):
        with contextlib.suppress(OSError):
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~excess)


def make_once(path: Path, content: bytes) -> None:
    """A file with a secret, on disk; if another process was first, its file stays. Raises OSError."""
    # Whole under another name, then linked: at no moment is there half a secret, and a link never replaces a file.
    draft = path.with_name(f"{_draft_of(path)}{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            os.write(handle, content)
            os.fsync(handle)
        finally:
            os.close(handle)
        like_folder(draft)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    sync_folder(path.parent)


def forget_drafts(path: Path) -> None:
    """What is left of a making that was cut off: the secret itself, under another name. Raises OSError."""
    for draft in path.parent.glob(f"{_draft_of(path)}*"):
        draft.unlink(missing_ok=True)


def _draft_of(path: Path) -> str:
    return f".{path.name}-"

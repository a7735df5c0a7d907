"""Files that are replaced whole: whoever reads finds the content before or the new one, never half of one."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

LONGEST_NAME = 100
"""Letters of a file's name that its draft takes over, so that what stands about them fits into any file system."""


def replace(path: Path, content: bytes | str, *, mode: int | None = None, durable: bool = False) -> None:
    """Put the content (text as UTF-8) into the file's place; raises OSError, and then nothing has changed.

    mode: permissions of the new file, which nobody else reads before it has them; None: what the umask leaves.
    durable: on the disk itself when this returns, so that a pulled plug does not lose it.
    """
    draft = path.with_name(f".{path.name[:LONGEST_NAME]}-{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if mode is None else 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            if mode is not None:
                os.fchmod(handle, mode)
            if durable:
                file.flush()
                os.fsync(handle)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names just written in the folder survive a power cut; raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

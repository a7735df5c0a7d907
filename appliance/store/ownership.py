"""Files made by root on a box belong to whoever owns the folder: else the services could not read them."""

from __future__ import annotations

import os
from pathlib import Path


def like_folder(path: Path) -> None:
    """Give a file, or folder, that root made to the owner of the folder it lies in; nothing for anybody but root."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)

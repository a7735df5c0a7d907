"""While `mofy bench --save` measures this machine nobody else may work it hard: a lock says so, and dies with it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "measuring"


@contextmanager
def under_way(folder: Path) -> Iterator[None]:
    """Say so in the runtime folder as long as the block runs, after whoever measures already; raises OSError."""
    with (folder / NAME).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def going_on(folder: Path) -> bool:
    """True while a living process says so there."""
    try:
        with (folder / NAME).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False

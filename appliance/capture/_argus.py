"""A Jetson's camera service: its library finds it once in a process; a unit of systemd sees its first socket only."""

from __future__ import annotations

import socket
from pathlib import Path

SOCKET = Path("/tmp/argus_socket")
SOCKETS = Path("/proc/net/unix")
"""The kernel's table of all of them, by the names that they were given, wherever those can be seen."""

LISTENS = "00010000"
"""Among its flags."""

PATIENCE_S = 1.0


def began_anew(way: Path = SOCKET, name: Path = SOCKET) -> bool:
    """True where the service listens and our way to it leads to an earlier one: only a new process will find it."""
    return _listens(name) and not _leads_on(way)


def _listens(name: Path) -> bool:
    try:
        rows = SOCKETS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(words[3] == LISTENS and words[7:] == [str(name)] for row in rows if len(words := row.split()) > 7)


def _leads_on(way: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as tried:
        tried.settimeout(PATIENCE_S)
        try:
            tried.connect(str(way))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:
            pass  # it is busy, or not for us: neither is mended by a new start
    return True

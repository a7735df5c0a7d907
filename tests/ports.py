"""Ports for programs that must be told one: nobody listens there, and nobody else comes to be given it meanwhile."""

from __future__ import annotations

import itertools
import os
import random
import socket

FIRST, COUNT = 12_000, 2_000
"""Below what Linux hands out by itself, so that no client's own end takes one between the question and its use."""

_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_nth = itertools.count(random.SystemRandom().randrange(COUNT))


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """A port of 127.0.0.1 that is free, of those that only this worker of the tests takes; each a new one."""
    for nth in itertools.islice(_nth, COUNT):
        port = FIRST + _worker % 10 * COUNT + nth % COUNT
        with socket.socket(socket.AF_INET, kind) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")

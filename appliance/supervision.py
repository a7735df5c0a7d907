"""The process among others: signals in, readiness out, and nobody looks into it."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from appliance.errors import MofyError, system_reason

FIRST_HANDED_OVER = 3
"""SD_LISTEN_FDS_START."""

LOCK = "engine.lock"
"""In the runtime folder; a file of its own, for the folder itself is locked by who holds a mode there."""

PR_SET_DUMPABLE = 4
"""Of linux/prctl.h."""

M_MMAP_THRESHOLD = -3
"""Of malloc.h."""

PICTURE_BYTES = 1 << 20
"""Pieces of memory from this size on are pictures, or parts of them."""


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """An event that SIGINT, SIGTERM and the terminal's end set; a second one ends the process at once, as before."""
    asked = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    if before[signal.SIGHUP] is signal.SIG_IGN:
        # Begun by nohup, to go on.
        del before[signal.SIGHUP]

    def stop(number: int, _: FrameType | None) -> None:
        asked.set()
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, stop)
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def sole_engine(folder: Path) -> Iterator[None]:
    """Hold the folder as an engine's, until the process ends, however that ends; raises MofyError when another does."""
    try:
        # Read by whoever works here next: root may have been first.
        held = os.open(folder / LOCK, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise MofyError(f"{folder / LOCK}: cannot be kept or read ({system_reason(error)})") from None
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MofyError(
                f"{folder}: another engine is at work here: stop it, or give this one a folder of its own with --data"
            ) from None
        yield
    finally:
        os.close(held)


def notify(message: str) -> None:
    """Tell systemd (sd_notify, for example "READY=1"); nothing happens where no systemd asked for it."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.connect(address)
        out.sendall(message.encode())


def keep_memory_private() -> None:
    """Let no core be dumped and no other process of this user look into the memory, for raw pixels are in it.

    Nothing happens where the system is not Linux.
    """
    import ctypes
    import resource

    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def give_pictures_back() -> None:
    """Let the memory of a picture go back to the system when it is freed; to be called before there are threads.

    glibc would keep it among each thread's smaller pieces, which hold it fast: 30 MB at 1080p.
    Nothing happens elsewhere.
    """
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, PICTURE_BYTES)


def handed_over(name: str) -> socket.socket | None:
    """The socket of that name on which systemd listens for us (sd_listen_fds); None where there is none."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    names = os.environ.get("LISTEN_FDNAMES", "").split(":")
    if name not in names:
        return None
    found = socket.socket(fileno=FIRST_HANDED_OVER + names.index(name))
    found.set_inheritable(False)
    return found


def supervised() -> bool:
    """True where systemd waits for word from us, and starts us anew when we end."""
    return "NOTIFY_SOCKET" in os.environ

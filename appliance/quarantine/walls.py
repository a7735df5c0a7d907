"""The walls of a cell: what a process may no longer do from now on, whoever has taken it over.

Limits of memory, time and files come from POSIX; that it opens no file but its own from Landlock (landlock(7)), and
that it talks to nobody and becomes nobody else from a seccomp filter (seccomp(2)), each where the kernel has it.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
from pathlib import Path

from appliance.quarantine import calls

MEMORY_BYTES = 900 * 1024 * 1024
"""Beyond what the models take: 50 megapixels twice over, and the tables of a decoder."""

CPU_S = 40
FILES = 64

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
SECCOMP_MODE_FILTER = 2
SIGKILL = 9
STEP_BYTES = 8
"""Of a filter."""

LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
"""The same on every machine."""

LANDLOCK_FIRST_VERSION = (1 << 13) - 1
"""Every right to files that the first version knows."""

LANDLOCK_READ_FILE = 1 << 2


def close_in(file: int) -> list[str]:
    """Lock this process in with one open file; returns what the kernel could not do, in words."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    limit()
    missing = []
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return ["no_new_privs"]
    if not _only_file(libc, file):
        missing.append("landlock")
    if not _no_calls(libc):
        missing.append("seccomp")
    return missing


def limit() -> None:
    """Memory, time, files: no more than a decoder needs, and not a byte to disk."""
    memory = _virtual_bytes() + MEMORY_BYTES
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _virtual_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _only_file(libc: ctypes.CDLL, file: int) -> bool:
    """No path can be opened any more but this open file's own, to read."""
    handled = struct.pack("=Q", LANDLOCK_FIRST_VERSION)
    rules = libc.syscall(LANDLOCK_CREATE, ctypes.c_char_p(handled), ctypes.c_size_t(len(handled)), 0)
    if rules < 0:
        return False
    try:
        allowed = struct.pack("=Qi", LANDLOCK_READ_FILE, file)
        # A file without a place in any folder (memfd) needs no rule, and gets none.
        libc.syscall(LANDLOCK_ADD, rules, 1, ctypes.c_char_p(allowed), 0)
        return bool(libc.syscall(LANDLOCK_RESTRICT, rules, 0) == 0)
    finally:
        os.close(rules)


def _no_calls(libc: ctypes.CDLL) -> bool:
    """Calls that reach out of the process answer "not permitted"."""
    code = calls.program(platform.machine())
    if code is None:
        return False
    held = ctypes.create_string_buffer(code, len(code))

    class Program(ctypes.Structure):
        _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    program = Program(len(code) // STEP_BYTES, ctypes.cast(held, ctypes.c_void_p).value)
    return bool(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)

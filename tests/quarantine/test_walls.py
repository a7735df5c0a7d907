"""What a process behind the walls may still do, tried in a process of its own."""

import platform
import struct
import subprocess
import sys

import pytest

from appliance.quarantine import calls, walls
from tests.mofy_process import CHECKOUT
from tests.waiting import PATIENCE_S

TRY = """
import os, socket, sys
from appliance.quarantine import walls
file = os.open({path!r}, os.O_RDONLY)
import ctypes
missing = walls.close_in(file)
{attempt}
"""


def tried(path, attempt: str) -> subprocess.CompletedProcess[str]:
    """The attempt, by a process that has this one file."""
    code = TRY.format(path=str(path), attempt=attempt)
    return subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )


@pytest.fixture(scope="module")
def missing(tmp_path_factory) -> str:
    file = tmp_path_factory.mktemp("walls") / "photo"
    file.write_bytes(b"x")
    return tried(file, "print(*missing)").stdout


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo"
    path.write_bytes(b"the one file")
    return path


def test_its_own_file_can_be_read(photo):
    assert tried(photo, "print(open(f'/proc/self/fd/{file}').read())").stdout == "the one file\n"


def test_no_other_file_can_be_read(photo, missing):
    if "landlock" in missing:
        pytest.skip("this kernel has no Landlock")
    said = tried(photo, "open('/etc/passwd')")
    assert "PermissionError" in said.stderr


def test_nothing_can_be_written(photo, tmp_path):
    said = tried(photo, f"open({str(tmp_path / 'new')!r}, 'w').write('x')")
    assert said.returncode != 0
    assert not (tmp_path / "new").exists() or (tmp_path / "new").read_bytes() == b""


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.socket()",
        "socket.socketpair()",
        "os.execv('/bin/true', ['true'])",
        "os.kill(os.getppid(), 0)",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.fork()",
        "import threading, signal; signal.pthread_kill(threading.get_ident(), 0)",
        "import resource; resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))",
        "os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)",
    ],
)
def test_nobody_can_be_talked_to(photo, missing, attempt):
    if "seccomp" in missing:
        pytest.skip(f"there is no filter for {platform.machine()}")
    said = tried(photo, attempt)
    assert "PermissionError" in said.stderr, said


@pytest.mark.parametrize(
    "attempt",
    [
        "os.truncate({0!r}, 0)",
        "os.chmod({0!r}, 0o777)",
        "os.utime({0!r}, (0, 0))",
        "os.setxattr({0!r}, 'user.x', b'1')",
    ],
)
def test_no_file_can_be_changed_by_its_name(photo, missing, tmp_path, attempt):
    """Landlock's first version forbids none of these."""
    if "seccomp" in missing:
        pytest.skip(f"there is no filter for {platform.machine()}")
    people = tmp_path / "people.db"
    people.write_bytes(b"everybody")
    before = people.stat()
    assert "PermissionError" in tried(photo, attempt.format(str(people))).stderr
    assert (people.read_bytes(), people.stat().st_mode, people.stat().st_mtime) == (
        b"everybody",
        before.st_mode,
        before.st_mtime,
    )


def test_threads_can_be_made(photo):
    said = tried(photo, "import threading; t = threading.Thread(target=print, args=('made',)); t.start(); t.join()")
    assert said.stdout == "made\n", said.stderr


@pytest.mark.parametrize("machine", list(calls.MACHINES))
def test_the_filter_is_one_for_each_machine(machine):
    """Every step whole, every jump inside, and an answer at the end."""
    steps = list(struct.iter_unpack("=HBBI", calls.program(machine)))
    assert len(steps) < 4096
    for place, (code, right, wrong, _) in enumerate(steps):
        assert code == calls.ANSWER or place + 1 + max(right, wrong) < len(steps)
    assert steps[-1] == (calls.ANSWER, 0, 0, calls.ALLOW)
    assert calls.program("a machine of tomorrow") is None


def test_memory_is_limited(photo):
    said = tried(photo, f"bytearray({2 * walls.MEMORY_BYTES})")
    assert "MemoryError" in said.stderr


def test_time_is_limited(photo, monkeypatch):
    said = tried(photo, "import resource; print(resource.getrlimit(resource.RLIMIT_CPU)[0])")
    assert said.stdout == f"{walls.CPU_S}\n"

"""What a process behind the walls may still do, tried in a process of its own."""

import platform
import subprocess
import sys

import pytest

from appliance.quarantine import walls
from tests.mofy_process import CHECKOUT

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
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=30
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
    ],
)
def test_nobody_can_be_talked_to(photo, missing, attempt):
    if "seccomp" in missing:
        pytest.skip(f"there is no filter for {platform.machine()}")
    said = tried(photo, attempt)
    assert "PermissionError" in said.stderr, said


def test_memory_is_limited(photo):
    said = tried(photo, f"bytearray({2 * walls.MEMORY_BYTES})")
    assert "MemoryError" in said.stderr


def test_time_is_limited(photo, monkeypatch):
    said = tried(photo, "import resource; print(resource.getrlimit(resource.RLIMIT_CPU)[0])")
    assert said.stdout == f"{walls.CPU_S}\n"

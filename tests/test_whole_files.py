"""A file is replaced whole or not at all, whatever ends the writing."""

from __future__ import annotations

import os
import resource
import signal
import stat
import threading

import pytest

from appliance.whole_files import replace


def test_text_and_bytes_take_the_place_of_what_was_there(tmp_path):
    path = tmp_path / "facts"
    replace(path, "가나다\n")
    assert path.read_bytes() == "가나다\n".encode()
    replace(path, b"\0\xff", durable=True)
    assert path.read_bytes() == b"\0\xff"
    assert [one.name for one in tmp_path.iterdir()] == ["facts"]


@pytest.mark.parametrize(
    ("umask", "asked", "mode"), [(0o022, None, 0o644), (0o077, 0o640, 0o640), (0o000, 0o600, 0o600)]
)
def test_permissions_are_those_asked_for_or_the_umask_s(tmp_path, umask, asked, mode):
    before = os.umask(umask)
    try:
        replace(tmp_path / "facts", "x", mode=asked)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "facts").stat().st_mode) == mode


def test_where_there_is_no_room_the_file_before_stays_and_nothing_is_left_over(tmp_path):
    path = tmp_path / "facts"
    replace(path, b"before")
    limits, heard = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            replace(path, bytes(100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, heard)
    assert path.read_bytes() == b"before"
    assert [one.name for one in tmp_path.iterdir()] == ["facts"]


def test_what_is_to_last_is_on_the_disk_and_so_is_its_name(tmp_path, monkeypatch):
    """A name that is only in memory is lost with the power, and the content with it."""
    synced = []
    monkeypatch.setattr(
        os, "fsync", lambda handle: synced.append((stat.S_ISDIR(os.fstat(handle).st_mode), path.exists()))
    )
    path = tmp_path / "facts"
    replace(path, b"x", durable=True)
    assert synced == [(False, False), (True, True)]


def test_a_folder_in_its_place_stays_one(tmp_path):
    (tmp_path / "facts").mkdir()
    with pytest.raises(IsADirectoryError):
        replace(tmp_path / "facts", b"x")
    assert [one.name for one in tmp_path.iterdir()] == ["facts"]


def test_who_reads_meanwhile_never_sees_half_of_it(tmp_path):
    path = tmp_path / "facts"
    contents = [bytes([number]) * 200_000 for number in range(2)]
    replace(path, contents[0])
    over = threading.Event()

    def write() -> None:
        for turn in range(60):
            replace(path, contents[turn % 2])
        over.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not over.is_set():
        assert path.read_bytes() in contents
    writer.join()


def test_the_longest_name_a_file_can_have_is_no_hindrance(tmp_path):
    path = tmp_path / ("x" * 255)
    replace(path, b"x")
    assert path.read_bytes() == b"x"

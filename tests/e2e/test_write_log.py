"""The log of a disk's writes is read as it is defined, and played up to a cut."""

from __future__ import annotations

import random

import pytest

from tests.e2e.write_log import ENTRY, FLUSH, FUA, HEAD, MAGIC, Disk, entries

SECTOR = 512


def log_of(path, *requests):
    """(sector, letter, flags) each; no letter is a flush."""
    pieces = [HEAD.pack(MAGIC, 1, len(requests), SECTOR).ljust(SECTOR, b"\0")]
    for at, letter, flags in requests:
        data = letter * SECTOR
        pieces += [ENTRY.pack(at, len(data) // SECTOR, flags, 0).ljust(SECTOR, b"\0"), data]
    path.write_bytes(b"".join(pieces))
    return path


class Always(random.Random):
    """Chance that keeps all of the cache, or nothing of it."""

    def __init__(self, kept):
        super().__init__()
        self.random = lambda: 0.0 if kept else 1.0


@pytest.mark.parametrize("kept", [True, False])
def test_what_was_flushed_lasts_and_what_was_not_may_be_lost(tmp_path, kept):
    log = log_of(tmp_path / "log", (0, b"a", 0), (0, b"", FLUSH), (1, b"b", FUA), (2, b"c", 0), (0, b"d", 0))
    (tmp_path / "disk").write_bytes(bytes(4 * SECTOR))
    with log.open("rb") as file, log.open("rb") as data:
        disk = Disk(tmp_path / "disk", data)
        for entry in entries(file):
            disk.take(entry)
        disk.cut(tmp_path / "cut", Always(kept))
        disk.close()
    found = (tmp_path / "cut").read_bytes()[::SECTOR]
    assert found == (b"dbc\0" if kept else b"ab\0\0")


def test_an_entry_that_was_cut_off_and_what_is_no_log_are_told(tmp_path):
    log = log_of(tmp_path / "log", (0, b"a", 0), (1, b"b", 0))
    log.write_bytes(log.read_bytes()[:-1])
    with log.open("rb") as file:
        assert [entry.at for entry in entries(file)] == [0]
    log.write_bytes(bytes(2 * SECTOR))
    with log.open("rb") as file, pytest.raises(ValueError, match="no log of writes"):
        list(entries(file))

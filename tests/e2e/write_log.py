"""What a disk was told to write, in order, and the disk as it is when the power goes at any point of that.

The format is that of Linux's dm-log-writes, which QEMU's driver blklogwrites writes too: a head of one sector, then for
each request a sector that describes it, and its data.
"""

from __future__ import annotations

import random
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MAGIC = 0x6A736677736872
HEAD = struct.Struct("<QQQI")
ENTRY = struct.Struct("<QQQQ")
FLUSH, FUA, DISCARD = 1, 2, 4


@dataclass(frozen=True)
class Entry:
    """One request."""

    end: int
    """Bytes of the log up to and with this one."""
    flags: int
    at: int
    """Where it writes, in bytes of the disk."""
    length: int
    data_at: int
    """Where its data lies in the log."""

    @property
    def is_flush(self) -> bool:
        """True where somebody waits until all before it lasts."""
        return bool(self.flags & FLUSH)


def entries(log: BinaryIO) -> Iterator[Entry]:
    """All of them that are whole; raises ValueError for what is no such log."""
    magic, _version, _count, sector = HEAD.unpack(log.read(HEAD.size))
    if magic != MAGIC:
        raise ValueError("no log of writes")
    size, place = log.seek(0, 2), sector
    while place + sector <= size:
        log.seek(place)
        at, sectors, flags, _length = ENTRY.unpack(log.read(ENTRY.size))
        if not (at or sectors or flags):
            return
        data_at = place + sector
        length = sectors * sector
        place = data_at + (0 if flags & DISCARD else length)
        if place > size:
            return
        yield Entry(place, flags, at * sector, length, data_at)


class Disk:
    """The disk while the log is played onto it: what lasts is on it, what is in its own cache is not."""

    def __init__(self, image: Path, log: BinaryIO) -> None:
        """image: the disk as it was before the log began; is written."""
        self._image, self._log = image.open("r+b"), log
        self._cached: list[Entry] = []

    def take(self, entry: Entry) -> None:
        """The next request."""
        if entry.is_flush:
            self._write(self._image, self._cached)
            self._cached = []
        if entry.length and entry.flags & FUA:
            self._write(self._image, [entry])
        elif entry.length:
            self._cached.append(entry)

    def cut(self, copy: Path, chance: random.Random) -> None:
        """The power goes now: `copy` becomes the disk, with any of the writes that nobody had waited for."""
        self._image.flush()
        shutil.copy(self._image.name, copy)
        with copy.open("r+b") as disk:
            self._write(disk, [entry for entry in self._cached if chance.random() < 0.5])

    def close(self) -> None:
        """Let go of the image."""
        self._image.close()

    def _write(self, disk: BinaryIO, these: list[Entry]) -> None:
        for entry in these:
            disk.seek(entry.at)
            if not entry.flags & DISCARD:
                self._log.seek(entry.data_at)
                disk.write(self._log.read(entry.length))
        disk.flush()

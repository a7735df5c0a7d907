"""A disk of which every write and flush is written down, so that the power can be cut afterwards at any of them.

QEMU's storage daemon shows a file as a disk (a FUSE export) and logs what reaches it (its driver blklogwrites); the
kernel's own ext4 lies on it. One run of the box gives as many cuts as one likes: the log is played onto the disk as it
was before up to the cut, and of what nobody had waited for any part may be missing, in any order, as in a disk's cache.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e import plug
from tests.e2e.write_log import Disk, Entry, entries

DAEMON = "qemu-storage-daemon"
LOOK_EVERY_S = 0.02


def lacking() -> str:
    """Why no disk can be logged here; empty when one can."""
    if reason := plug.lacking():
        return reason
    if shutil.which(DAEMON) is None:
        return f"{DAEMON} is missing (packages qemu-utils and qemu-system-common)"
    return "" if Path("/dev/fuse").exists() else "there is no /dev/fuse"


@dataclass(frozen=True)
class Look:
    """How things were at one moment."""

    at_s: float
    logged: int
    """Bytes of the log: whatever a program had waited for by then is among them."""
    promised: tuple[str, ...]


@contextmanager
def exported(base: Path) -> Iterator[Path]:
    """The disk as a file to mount, logged into base / "log"; as it is before, it lies in base / "before"."""
    disk, log, shown = base / "disk", base / "log", base / "shown"
    with disk.open("wb") as file:
        file.truncate(plug.DISK_MB << 20)
    subprocess.run(["mkfs.ext4", "-q", str(disk)], check=True)
    shutil.copy(disk, base / "before")
    for path in (log, shown):
        path.touch()
    command = [
        DAEMON, "--blockdev", f"driver=file,node-name=disk,filename={disk}",
        "--blockdev", f"driver=file,node-name=log,filename={log}",
        "--blockdev", "driver=blklogwrites,node-name=logged,file=disk,log=log",
        "--export", f"type=fuse,id=shown,node-name=logged,mountpoint={shown},writable=on",
    ]  # fmt: skip
    with subprocess.Popen(command) as daemon:
        try:
            for _ in range(300):
                if shown.stat().st_size:
                    break
                assert daemon.poll() is None, f"{DAEMON} has ended"
                time.sleep(0.1)
            yield shown
        finally:
            daemon.terminate()


@contextmanager
def watched(words: Path, log: Path, looks: list[Look]) -> Iterator[None]:
    """Fill `looks` meanwhile."""
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(LOOK_EVERY_S):
            # The words first: what they promise was in the log before.
            lines = words.read_text().splitlines(keepends=True) if words.exists() else []
            said = tuple(line.split()[1] for line in lines if line.startswith("enrolled ") and line.endswith("\n"))
            looks.append(Look(time.monotonic(), log.stat().st_size, said))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def pull_often(seconds: float, cuts: int, chance: random.Random) -> list[plug.Cut]:
    """Enrol, switch releases and record for so long, then cut at so many of the disk's requests.

    Raises AssertionError for anything half done.
    """
    with tempfile.TemporaryDirectory(prefix="mofy-plug-", dir="/dev/shm") as folder:
        base = Path(folder)
        looks: list[Look] = []
        with (
            exported(base) as disk,
            plug.mounted(disk, base / "mounted") as root,
            watched(base / "words", base / "log", looks),
        ):
            plug.work(root, base, seconds, lambda: None)
        looks = [look for look in looks if look.promised]
        (base / "disk").unlink()
        with (base / "log").open("rb") as file:
            known = [entry for entry in entries(file) if entry.end <= looks[-1].logged]
        assert any(entry.is_flush for entry in known), "nobody ever waited for the disk"
        return list(_cuts(base, known, looks, cuts, chance))


def _cuts(base: Path, known: list[Entry], looks: list[Look], cuts: int, chance: random.Random) -> Iterator[plug.Cut]:
    after = [number for number, entry in enumerate(known) if entry.end >= looks[0].logged]
    picked = set(chance.sample(after, min(cuts, len(after))))
    with (base / "log").open("rb") as log:
        disk = Disk(base / "before", log)
        for number, entry in enumerate(known):
            disk.take(entry)
            if number in picked:
                disk.cut(base / "cut", chance)
                seen = [look for look in looks if look.logged <= entry.end]
                yield _found(base, list(seen[-1].promised), seen[-1].at_s - looks[0].at_s)
        disk.close()


def _found(base: Path, promised: list[str], ran_s: float) -> plug.Cut:
    with plug.mounted(base / "cut", base / "after") as root:
        there = plug.found(root / "data", promised)
        plug.nothing_half(root)
        kept_s = plug.recorded_s(root / "films")
    (base / "cut").unlink()
    return plug.Cut(len(promised), len(there), kept_s, ran_s)

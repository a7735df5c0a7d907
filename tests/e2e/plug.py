"""Pulling the plug on a file system: what had reached the disk at that instant is all that is left, after a remount.

The disk is a file in memory under a loop device. Everything that writes is stopped in the middle of what it does, the
file is copied as it lies there, without what the kernel still holds back, and the copy is mounted as a machine would
find its disk when the power comes back.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from appliance.box import releases
from appliance.box.places import Places
from appliance.store import Store
from tests.mofy_process import CHECKOUT, Mofy, Viewer

DISK_MB = 400
TEST_PICTURE = 20
"""The test picture is darker than any slate."""

UNSAVED_S = 6.0
"""So much of a recording may be lost: it is made to last every two seconds, and the newest second is in the encoder."""


def lacking() -> str:
    """Why no plug can be pulled here; empty when it can."""
    if os.geteuid() != 0:
        return "only root may mount a disk"
    missing = [name for name in ("mkfs.ext4", "mount", "umount", "losetup") if shutil.which(name) is None]
    if missing:
        return f"{', '.join(missing)} is missing"
    probe = subprocess.run(["losetup", "-f"], capture_output=True, text=True, check=False)
    return "" if probe.returncode == 0 else "there are no loop devices"


@dataclass(frozen=True)
class Cut:
    """What had been promised when the power went, and what was found when it came back."""

    promised: int
    """Enrolments that were confirmed."""
    found: int
    """Of those, still there, each with its photos readable."""
    recorded_s: float
    """Of the recording, playable."""
    ran_s: float
    """How long the engine had recorded."""


@contextmanager
def mounted(image: Path, place: Path) -> Iterator[Path]:
    """The disk's root folder, readable and writable."""
    place.mkdir(exist_ok=True)
    # Nothing goes to the disk by itself in that time: only what a program insists on.
    _run("mount", "-o", "loop,noatime,commit=300", image, place)
    try:
        yield place
    finally:
        # Who was killed there lets go of it late on a busy machine.
        for _ in range(300):
            if subprocess.run(["umount", str(place)], capture_output=True, check=False).returncode == 0:
                break
            time.sleep(0.1)


def pull(seconds: float, picture: bool = False) -> Cut:
    """Enrol, switch releases and record on a fresh disk, cut after so many seconds, and look at what is left.

    picture: also see the engine show a picture again. Raises AssertionError for anything half done.
    """
    with tempfile.TemporaryDirectory(prefix="mofy-plug-", dir="/dev/shm") as folder:
        base = Path(folder)
        disk, copy = base / "disk", base / "copy"
        with disk.open("wb") as file:
            file.truncate(DISK_MB << 20)
        _run("mkfs.ext4", "-q", disk)
        with mounted(disk, base / "before") as root:
            promised, ran_s = work(root, base, seconds, lambda: shutil.copy(disk, copy))
        with mounted(copy, base / "after") as root:
            there = found(root / "data", promised)
            nothing_half(root)
            kept_s = recorded_s(root / "films")
            if picture:
                _shows_again(root, base)
    return Cut(len(promised), len(there), kept_s, ran_s)


def work(root: Path, base: Path, seconds: float, cut: object) -> tuple[list[str], float]:
    """Enrol, switch releases and record for so long, stop and cut; what was promised and how long was recorded."""
    words, config = base / "words", base / "mofy.toml"
    config.write_text("[record]\nkeep_free_mb = 10\n")
    options = (
        "--source",
        "test",
        "--width",
        "320",
        "--height",
        "180",
        "--record",
        str(root / "films"),
        "--config",
        str(config),
    )
    with Mofy(root / "data", *options, detector="blind") as engine, words.open("w") as said:
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.plugged", str(root)], cwd=CHECKOUT, stdout=said, stderr=said
        )
        _wait_for_the_first(words)
        began = time.monotonic()
        time.sleep(seconds)
        for process in (worker, engine.process):
            process.send_signal(signal.SIGSTOP)
        ran_s = time.monotonic() - began
        for process in (worker, engine.process):
            _wait_until_stopped(process.pid)
        promised = [line.split()[1] for line in words.read_text().splitlines() if line.startswith("enrolled ")]
        cut()  # type: ignore[operator]
        for process in (worker, engine.process):
            process.kill()
        worker.wait()
        faults = [line for line in words.read_text().splitlines() if not line.startswith(("enrolled ", "switched "))]
        assert faults == []
    return promised, ran_s


def _wait_for_the_first(words: Path) -> None:
    """A plug that is pulled before anything was promised tries nothing, however busy the machine."""
    for _ in range(600):
        if words.stat().st_size:
            return
        time.sleep(0.1)
    raise AssertionError("nothing was promised within a minute")


def _wait_until_stopped(pid: int) -> None:
    """Every thread of it: one may be on its way to the disk."""
    for _ in range(200):
        states = []
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                states.append((task / "stat").read_text().rpartition(")")[2].split()[0])
        if set(states) <= {"T", "t"}:
            return
        time.sleep(0.01)
    raise AssertionError("the processes do not stop")


def found(data: Path, promised: list[str]) -> list[str]:
    """Of those who were promised, who is there, each with both photos."""
    if not promised:
        return []
    store = Store.open(data)
    try:
        there = {dossier.person.name: len(dossier.templates) for dossier in store.dossiers()}
    finally:
        store.close()
    return [name for name in promised if there.get(name) == 2]


def nothing_half(root: Path) -> None:
    """Raises AssertionError for a link to half a release, or half a report."""
    places = Places(root)
    for link in (places.current, places.previous):
        assert not link.is_symlink() or (link.resolve() / releases.WHOLE).exists(), f"{link} leads to half a release"
    if places.update.exists():
        json.loads(places.update.read_text())


def recorded_s(films: Path) -> float:
    """How much of the recording plays."""
    import av

    seconds = 0.0
    for film in sorted(films.glob("*.m*")):
        times: list[float] = []
        with suppress(av.FFmpegError), av.open(str(film)) as opened:
            times += (picture.time for picture in opened.decode(video=0))
        # By the clock, not by the number of pictures: a busy machine makes fewer.
        seconds += times[-1] - times[0] if times else 0.0
    return seconds


def _shows_again(root: Path, base: Path) -> None:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(base))
    with Mofy(root / "data", "--source", "test", "--width", "320", "--height", "180", detector="blind") as engine:
        Viewer(engine.address).wait_for(lambda picture: picture.ground < TEST_PICTURE, 20)


def some_seconds(seed: int) -> float:
    """When the plug is pulled: never at the same moment of what is being done."""
    return random.Random(seed).uniform(2.0, 9.0)


def _run(*command: object) -> None:
    run = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if run.returncode:
        raise OSError(run.stderr.strip())

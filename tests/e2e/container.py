"""This system or another tree, booted in a container of its own: what it changes lies in memory and goes with it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from tests.mofy_process import CHECKOUT

NEEDED = ("systemd-nspawn", "nsenter", "unshare", "mount", "systemctl", "pgrep")
SYSTEMD = Path("/lib/systemd/systemd")
ENVIRONMENT = (
    "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "PIP_NO_INDEX=1",
    "PIP_FIND_LINKS=/src/wheels",
)
BOOT = Path(__file__).with_name("boot.sh")
CONTENT = (
    "appliance",
    "web",
    "models",
    "systemd",
    "docs",
    "install.sh",
    "pyproject.toml",
    "README.md",
    "README.ko.md",
    "LICENSE",
)


def lacking() -> str:
    """Why no container can be booted here; empty when one can."""
    if os.geteuid() != 0:
        return "only root may boot a container"
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing or not SYSTEMD.exists():
        return f"{', '.join(missing) or SYSTEMD} is missing (packages systemd and systemd-container)"
    return ""


class Container:
    """An overlay over a system's tree with an init of its own and no network but its loopback."""

    def __init__(self, source: Path, tree: Path = Path("/")) -> None:
        """source: a folder that it sees, read-only, at /src; tree: has systemd. Raises OSError for want of overlays."""
        self._source = source
        self._tree = tree
        self._base = Path(tempfile.mkdtemp(prefix="mofy-container-", dir="/run"))
        self.root = self._base / "root"
        self.upper = self._base / "upper"
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._init = ""
        self._mounts: list[Path] = []
        self._mount(self._base, "tmpfs", "size=4G")
        try:
            self._lay_over(f"{tree}", self.root, self.upper)
        except OSError:
            self.close()
            raise
        for own in ("etc/mofy", "opt/mofy", "var/lib/mofy", "usr/local/bin/mofy", "etc/fstab"):
            place = self.root / own
            shutil.rmtree(place) if place.is_dir() and not place.is_symlink() else place.unlink(missing_ok=True)

    def boot_volatile(self, data: Path) -> float:
        """Start it as one whose system is read-only behind an overlay: all that is kept lies in data."""
        place = Path(tempfile.mkdtemp(prefix="volatile-", dir=self._base))
        self._lay_over(f"{self.upper}:{self._tree}", place / "root", place / "upper")
        return self.boot(root=place / "root", options=(f"--bind={data}:/var/lib/mofy",))

    def boot(self, timeout_s: float = 60.0, root: Path | None = None, options: tuple[str, ...] = ()) -> float:
        """Start it and wait until it is up; returns time.monotonic() of the start."""
        began = time.monotonic()
        usual = ("-q", "-D", root or self.root, "--boot", "--register=no", "--keep-unit", "--private-network")
        with (self._base / "log").open("wb") as log:
            self._nspawn = subprocess.Popen(
                ["unshare", "-m", "sh", BOOT, f"mofy{os.getpid()}", *usual, *options, f"--bind-ro={self._source}:/src"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        while time.monotonic() - began < timeout_s:
            found = subprocess.run(["pgrep", "-P", str(self._nspawn.pid)], capture_output=True, text=True, check=False)
            self._init = (found.stdout.split() or [""])[0]
            if self._init and self.does("systemctl", "is-system-running").stdout.strip() in ("running", "degraded"):
                return began
            time.sleep(0.2)
        raise AssertionError((self._base / "log").read_text(errors="replace")[-2000:])

    def does(self, *command: str, timeout_s: float = 300.0) -> subprocess.CompletedProcess[str]:
        """Run a command in it."""
        # Its root too: in a chroot, that of the namespace is still the machine's around it.
        entered = ("nsenter", "-t", self._init, "-a", "-r", "-w", "env", "-i", *ENVIRONMENT)
        return subprocess.run([*entered, *command], capture_output=True, text=True, timeout=timeout_s, check=False)

    def power_off(self) -> None:
        """End it as an owner would."""
        assert self._nspawn is not None
        self.does("systemctl", "poweroff")
        self._nspawn.wait(60)

    def pull_the_plug(self) -> None:
        """End it as a street does."""
        assert self._nspawn is not None
        subprocess.run(["kill", "-9", self._init], check=False)
        self._nspawn.wait(60)

    def close(self) -> None:
        """Leave nothing."""
        if self._nspawn is not None and self._nspawn.poll() is None:
            self.pull_the_plug()
        for mounted in reversed(self._mounts):
            subprocess.run(["umount", "-l", str(mounted)], check=False)
        self._base.rmdir()

    def _lay_over(self, lower: str, root: Path, upper: Path) -> None:
        work = upper.with_name(f"{upper.name}-work")
        for folder in (root, upper, work):
            folder.mkdir()
        self._mount(root, "overlay", f"lowerdir={lower},upperdir={upper},workdir={work}")

    def _mount(self, place: Path, kind: str, options: str) -> None:
        _run("mount", "-t", kind, kind, "-o", options, place)
        self._mounts.append(place)


def packed_release(folder: Path, version: str | None = None) -> Path:
    """The files of a release, as it is or of a made-up version."""
    folder.mkdir(parents=True)
    for name in CONTENT:
        _run("cp", "-r", CHECKOUT / name, folder / name)
    for litter in folder.rglob("__pycache__"):
        shutil.rmtree(litter)
    if version is not None:
        init = folder / "appliance/__init__.py"
        init.write_text(re.sub(r'__version__ = ".*"', f'__version__ = "{version}"', init.read_text()))
    return folder


def _run(*command: object) -> None:
    run = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if run.returncode:
        raise OSError(run.stderr.strip())

"""`sudo python -m tests.e2e.kms_guest FOLDER`: kmssink on a real DRM driver, in an emulated machine without a desktop.

Optional: it needs root, debootstrap, qemu-system-x86 and e2fsprogs, and takes minutes. FOLDER keeps the guest's tree
(700 MB), so that a second run is quick. What the screen shows is read from outside, by the emulator's screendump.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from appliance.sinks._letterbox import place
from tests.core.test_slate import PAGE, STREAM, read_codes
from tests.striped import differs

CHECKOUT = Path(__file__).resolve().parents[2]
SCREEN = (1280, 720)
SUITE, PYTHON = "bookworm", "3.11"
PACKAGES = (
    "linux-image-amd64 python3 python3-gi python3-gst-1.0 gir1.2-gstreamer-1.0 gir1.2-gst-plugins-base-1.0 "
    "gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-bad"
)
WHEELS = ("numpy", "opencv-python-headless>=5,<6", "pydantic", "segno", "pytest", "hypothesis", "tomli")
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux2014_x86_64", "manylinux_2_17_x86_64")
BOOT_S = 600.0
SLOWEST_WRITE_S = 0.25

INIT = """#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin PYTHONPATH=/opt/mofy:/opt/wheels HOME=/root
mount -t proc proc /proc; mount -t sysfs sys /sys 2>/dev/null
mount -t devtmpfs dev /dev 2>/dev/null; mount -t tmpfs tmp /tmp
modprobe virtio_gpu
sleep 1
cd /opt/mofy && python3 -m tests.e2e.kms_in_guest </dev/ttyS0 >/dev/ttyS0 2>&1
echo "STEP ended" >/dev/ttyS0
echo o >/proc/sysrq-trigger
sleep 60
"""


def make_tree(tree: Path) -> None:
    """A minimal Debian with a kernel, GStreamer and the wheels; kept when it is whole already."""
    if (tree / "whole").exists():
        return
    shutil.rmtree(tree, ignore_errors=True)
    include = "--include=ca-certificates,kmod,udev,initramfs-tools"
    subprocess.run(["debootstrap", "--variant=minbase", include, SUITE, str(tree)], check=True)
    (tree / "etc/initramfs-tools/conf.d/modules").write_text("MODULES=list\n")
    with (tree / "etc/initramfs-tools/modules").open("a") as modules:
        modules.write("virtio_pci\nvirtio_blk\next4\n")
    install = f"DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends {PACKAGES}"
    subprocess.run(["mount", "--bind", "/proc", str(tree / "proc")], check=True)
    try:
        subprocess.run(["chroot", str(tree), "sh", "-c", install], check=True)
    finally:
        subprocess.run(["umount", str(tree / "proc")], check=True)
    fetch = [sys.executable, "-m", "pip", "install", "-q", "--only-binary=:all:", "--python-version", PYTHON]
    fetch += [word for platform in PLATFORMS for word in ("--platform", platform)]
    subprocess.run([*fetch, "--target", str(tree / "opt/wheels"), *WHEELS], check=True)
    (tree / "whole").touch()


def make_disk(tree: Path, disk: Path) -> None:
    """The tree with this checkout in it, as a file system in a file."""
    ours = tree / "opt/mofy"
    shutil.rmtree(ours, ignore_errors=True)
    for part in ("appliance", "web", "tests"):
        shutil.copytree(CHECKOUT / part, ours / part, ignore=shutil.ignore_patterns("__pycache__"))
    (tree / "guest-init").write_text(INIT)
    (tree / "guest-init").chmod(0o755)
    disk.unlink(missing_ok=True)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", str(tree), str(disk), "3G"], check=True)


class Guest:
    """The running machine."""

    def __init__(self, tree: Path, disk: Path, folder: Path) -> None:
        kernel, initrd = (next((tree / "boot").glob(f"{name}-*")) for name in ("vmlinuz", "initrd.img"))
        self._monitor_path, self._serial_path = folder / "monitor", folder / "serial"
        self._folder = folder
        width, height = SCREEN
        self._process = subprocess.Popen(
            ["qemu-system-x86_64", "-machine", "q35", "-cpu", "max", "-smp", "2", "-m", "2048",
             "-kernel", str(kernel), "-initrd", str(initrd),
             "-append", "root=/dev/vda rw init=/guest-init console=ttyS0 quiet loglevel=3",
             "-drive", f"file={disk},format=raw,if=virtio",
             "-vga", "none", "-device", f"virtio-gpu-pci,xres={width},yres={height}", "-display", "none",
             "-monitor", f"unix:{self._monitor_path},server,nowait",
             "-serial", f"unix:{self._serial_path},server,nowait", "-no-reboot"]
        )  # fmt: skip
        self._serial = self._connected(self._serial_path)
        self._monitor = self._connected(self._monitor_path)
        self._lines = self._serial.makefile("r", encoding="utf-8", errors="replace")

    def next_step(self) -> list[str]:
        """Wait for the next STEP line; its fields."""
        self._serial.settimeout(BOOT_S)
        for line in self._lines:
            if line.startswith("STEP "):
                return [field.strip() for field in line.removeprefix("STEP ").split("|")]
        raise AssertionError("the guest has ended")

    def go_on(self) -> None:
        """Let the guest take its next step."""
        self._serial.sendall(b"\n")

    def screen(self, name: str) -> np.ndarray:
        """What is shown now, (h, w, 3) red first; kept as NAME.png."""
        shot = self._folder / f"{name}.ppm"
        self._monitor.sendall(f"screendump {shot}\n".encode())
        end_at, size = time.monotonic() + 20, -1
        while time.monotonic() < end_at:
            time.sleep(0.5)
            if shot.exists() and shot.stat().st_size == size:
                picture = cv2.imread(str(shot))
                cv2.imwrite(str(shot.with_suffix(".png")), picture)
                return picture[:, :, ::-1]
            size = shot.stat().st_size if shot.exists() else -1
        raise AssertionError("no screendump")

    def close(self) -> None:
        """Turn it off."""
        self._process.kill()
        self._process.wait()

    def _connected(self, path: Path) -> socket.socket:
        end_at = time.monotonic() + 20
        while True:
            try:
                connection = socket.socket(socket.AF_UNIX)
                connection.connect(str(path))
                return connection
            except OSError:
                connection.close()
                assert time.monotonic() < end_at, f"{path}: the emulator does not answer"
                time.sleep(0.2)


def judge(guest: Guest, fields: list[str]) -> str:
    """What is wrong at this step; empty when nothing is."""
    step, display, fault, slowest = fields
    if float(slowest) > SLOWEST_WRITE_S:
        return f"a write took {slowest} s"
    if fault != "None":
        return fault
    if step in ("nothing", "unplugged"):
        return f"shows on {display} although nothing is plugged in" if display else ""
    if "1280x720" not in display:
        return f"does not show at the display's mode: {display or 'nothing'}"
    shot = guest.screen(step)
    if shot.shape != (SCREEN[1], SCREEN[0], 3):
        return f"the screen is {shot.shape}"
    if step == "slate":
        codes = read_codes(np.ascontiguousarray(shot[:, :, ::-1]))
        return "" if codes == {PAGE, STREAM} else f"codes read: {codes}"
    where = place(640, 480, SCREEN)
    return differs(shot, where.x0, where.y0, where.x1, where.y1)


def main() -> int:
    """Run it; 0 when every step was right."""
    if len(sys.argv) != 2 or os.geteuid() != 0:
        return 2
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    make_tree(folder / "tree")
    make_disk(folder / "tree", folder / "disk")
    wrong = 0
    with tempfile.TemporaryDirectory() as sockets:
        guest = Guest(folder / "tree", folder / "disk", Path(sockets))
        try:
            while (fields := guest.next_step())[0] not in ("closed", "ended"):
                said = judge(guest, fields)
                wrong += bool(said)
                guest.go_on()
            wrong += fields[0] != "closed"
        finally:
            for shot in Path(sockets).glob("*.png"):
                shutil.copy(shot, folder)
            guest.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())

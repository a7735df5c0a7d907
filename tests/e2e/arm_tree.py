"""`python -m tests.e2e.arm_tree FOLDER`: MOFY in a 64-bit ARM system, its instructions worked out one by one.

Optional, as root: it needs debootstrap, qemu-user-static with its binfmt rule, the network, and half an hour. FOLDER
keeps the system's tree for the next time. It installs what the Python part of install.sh installs, compares what the
networks say with what they say here, and runs the quick tests. Correctness only: a board is some hundred times faster.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

CHECKOUT = Path(__file__).resolve().parents[2]
CONTENT = ("appliance", "web", "models", "systemd", "tests", "docs", "install.sh", "pyproject.toml", "README.md",
           "README.ko.md", "CHANGELOG.md", "LICENSE")  # fmt: skip
QUICK = ("tests/core/test_geometry.py", "tests/core/test_frames.py", "tests/core/test_alignment.py",
         "tests/core/test_veiling.py", "tests/golden", "tests/runtimes/test_contract.py",
         "tests/capture/test_planes.py", "tests/test_boards.py", "tests/store/test_vault.py")  # fmt: skip
PACKAGES = "python3,python3-venv,ca-certificates"

CORTEX_A76 = """processor\t: {n}
BogoMIPS\t: 108.00
Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x4
CPU part\t: 0xd0b
CPU revision\t: 1

"""
"""Without a processor that it knows, XNNPACK takes other kernels than a Raspberry Pi 5 would."""

OUTPUTS = """
import sys
import numpy as np
from appliance import model_files
from appliance.runtimes import tflite
found = {}
for model in model_files.models():
    if model.runtime != "tflite":
        continue
    runtime = tflite.build(model_files.path(model), 1)
    (spec,) = runtime.inputs
    noise = np.random.default_rng(7)
    picture = noise.integers(-128, 128, spec.shape) if spec.quantised else noise.uniform(0, 255, spec.shape)
    for output, value in zip(runtime.outputs, runtime.run(picture.astype(spec.dtype))):
        found[f"{model.id} {output.name}"] = value
np.savez(sys.argv[1], **found)
"""


def main() -> None:
    """Print what was found; exits with 1 when anything differs or fails."""
    options = argparse.ArgumentParser(prog="python -m tests.e2e.arm_tree", description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--suite", default="bookworm")
    given = options.parse_args()
    missing = [name for name in ("debootstrap", "qemu-aarch64-static") if shutil.which(name) is None]
    if os.geteuid() != 0 or missing:
        sys.exit(f"not tried: {', '.join(missing) + ' missing' if missing else 'only root may make such a tree'}")
    tree = given.folder / f"arm-{given.suite}"
    if not (tree / ".whole").exists():
        bootstrap(tree, given.suite)
    with entered(tree):
        install(tree)
        differing = compared(tree, given.folder)
        run(tree, "/mofy/.venv/bin/python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *QUICK)
    sys.exit(1 if differing else 0)


def bootstrap(tree: Path, suite: str) -> None:
    """A minimal system of the other processor."""
    shutil.rmtree(tree, ignore_errors=True)
    command = [
        "debootstrap",
        "--arch=arm64",
        "--variant=minbase",
        f"--include={PACKAGES}",
        "--foreign",
        suite,
        str(tree),
    ]
    subprocess.run(command, check=True)
    shutil.copy(shutil.which("qemu-aarch64-static") or "", tree / "usr/bin")
    subprocess.run(["chroot", str(tree), "/debootstrap/debootstrap", "--second-stage"], check=True)
    (tree / ".whole").touch()


@contextmanager
def entered(tree: Path) -> Iterator[None]:
    """With the kernel's folders in place, and a Raspberry Pi 5's processor in them."""
    cpuinfo = tree / "cpuinfo"
    cpuinfo.write_text("".join(CORTEX_A76.format(n=n) for n in range(4)))
    places = [(Path("/proc"), tree / "proc"), (Path("/sys"), tree / "sys"), (Path("/dev"), tree / "dev"),
              (cpuinfo, tree / "proc/cpuinfo")]  # fmt: skip
    for name in ("resolv.conf", "pip.conf"):
        if (Path("/etc") / name).exists():
            shutil.copy(Path("/etc") / name, tree / "etc" / name)
    # Whom this machine trusts, that one must: it goes out by the same way.
    bundle = Path("/etc/ssl/certs/ca-certificates.crt")
    if bundle.exists():
        shutil.copy(bundle, tree / bundle.relative_to("/"))
    done = []
    try:
        for source, target in places:
            subprocess.run(["mount", "--bind", str(source), str(target)], check=True)
            done.append(target)
        yield
    finally:
        for target in reversed(done):
            subprocess.run(["umount", "-l", str(target)], check=False)


def install(tree: Path) -> None:
    """The checkout and its Python packages."""
    for name in CONTENT:
        target = tree / "mofy" / name
        shutil.rmtree(target, ignore_errors=True) if target.is_dir() else target.unlink(missing_ok=True)
        target.parent.mkdir(exist_ok=True)
        source = CHECKOUT / name
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    if not (tree / "mofy/.venv").exists():
        run(tree, "/usr/bin/python3", "-m", "venv", "/mofy/.venv")
    run(tree, "/mofy/.venv/bin/python", "-m", "pip", "install", "-q", "--prefer-binary", "-e", "/mofy", "pytest",
        "pytest-timeout", "hypothesis")  # fmt: skip


def compared(tree: Path, folder: Path) -> list[str]:
    """Names of int8 outputs that are not the same to the bit."""
    here = folder / "here.npz"
    subprocess.run([sys.executable, "-c", OUTPUTS, str(here)], cwd=CHECKOUT, check=True)
    run(tree, "/mofy/.venv/bin/python", "-c", OUTPUTS, "/there.npz")
    ours, theirs = np.load(here), np.load(tree / "there.npz")
    differing = []
    for name in ours.files:
        same = bool((ours[name] == theirs[name]).all())
        mine, other = (one[name].astype(np.float64).ravel() for one in (ours, theirs))
        likeness = float(mine @ other / np.linalg.norm(mine) / np.linalg.norm(other))
        print(f"{name:48} {'to the bit' if same else f'cosine {likeness:.6f}'}", flush=True)
        if not same and "int8" in name and "yunet" in name:
            differing.append(name)
    return differing


def run(tree: Path, *command: str) -> None:
    """A command in the tree, from the checkout's folder; raises CalledProcessError."""
    inside = [
        "chroot",
        str(tree),
        "/usr/bin/env",
        "-C",
        "/mofy",
        "QEMU_CPU=cortex-a76",
        "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
    ]
    trusted = "PIP_CERT=/etc/ssl/certs/ca-certificates.crt"
    subprocess.run([*inside, "PYTHONPATH=/mofy", trusted, *command], check=True)


if __name__ == "__main__":
    main()

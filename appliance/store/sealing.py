"""Keys that only this machine opens: systemd seals them with a secret of the machine's, and its TPM where there is one.

A sealed key lies where the key would lie. systemd hands it, opened, to the services whose units ask for it
(LoadCredentialEncrypted=); root opens it by systemd-creds; nobody else does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from appliance.errors import StoreError, system_reason

PROGRAM = "systemd-creds"
SUFFIX = ".sealed"
HANDED = "CREDENTIALS_DIRECTORY"
"""The variable by which systemd says where a service finds what it was handed."""

CREDENTIALS = {"key": "mofy-key", "jobs/key": "mofy-jobs-key", "page-key": "mofy-page-key"}
"""The keys that are sealed, by their place in the data folder, and what units call them."""

PATIENCE_S = 60
"""A TPM may take seconds."""


def possible() -> bool:
    """True where systemd can seal: since its version 250."""
    return shutil.which(PROGRAM) is not None


def sealed(path: Path) -> Path:
    """Where a key lies sealed that would lie open at this path."""
    return path.with_name(path.name + SUFFIX)


def credential(path: Path) -> str:
    """What units call the key of this path; empty for one that is never sealed."""
    known = (name for place, name in CREDENTIALS.items() if path.parts[-len(Path(place).parts) :] == Path(place).parts)
    return max(known, key=len, default="")


def opened(path: Path) -> bytes:
    """The key that lies sealed there; raises FileNotFoundError when none does, StoreError when we cannot open it."""
    place = sealed(path)
    try:
        locked = place.read_bytes()
        if folder := os.environ.get(HANDED):
            with suppress(FileNotFoundError):
                return (Path(folder) / credential(path)).read_bytes()
        if is_root():
            return unseal(locked, path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StoreError(f"{place}: cannot be read ({system_reason(error)})") from None
    raise StoreError(
        f"{place}: the key is sealed, and this program was not given it: use sudo; why a service was not given it, "
        "`sudo mofy doctor secrets` tells"
    )


@lru_cache(maxsize=len(CREDENTIALS))
def unseal(locked: bytes, path: Path) -> bytes:
    """What was sealed for this path; for root. Raises StoreError for what was sealed elsewhere, or as another key."""
    return _run(path, "decrypt", given=locked)


def seal(key: bytes, path: Path) -> bytes:
    """The key of this path, sealed; for root. Raises StoreError."""
    # To the machine, not to how it was started: an update of the firmware must cost nobody the people.
    return _run(path, "encrypt", "--with-key=auto", "--tpm2-pcrs=", given=key)


def is_root() -> bool:
    """Only root may ask systemd to open what is sealed."""
    return os.geteuid() == 0


def _run(path: Path, *command: str, given: bytes) -> bytes:
    """Through pipes: a command line could be seen."""
    try:
        run = subprocess.run(
            [PROGRAM, *command, f"--name={credential(path)}", "-", "-"],
            input=given, capture_output=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StoreError(f"{path}: {PROGRAM} cannot be run ({error})") from None
    if run.returncode:
        words = run.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise StoreError(f"{sealed(path)}: this machine cannot {command[0]} the key ({words[-1].rstrip('.')})")
    return run.stdout

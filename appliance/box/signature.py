"""Whether a release comes from the publisher whom this box trusts, told by minisign."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from appliance.errors import InputError, MofyError


def of(file: Path) -> Path:
    """Where the file's signature is expected."""
    return file.with_name(f"{file.name}.minisig")


def check(file: Path, publisher: Path, source: str) -> None:
    """Raises InputError unless FILE.minisig is the publisher's signature of this very file; source: what to call it."""
    if not publisher.is_file():
        raise InputError(f"{publisher}: no publisher is trusted yet; put the publisher's minisign public key there")
    signature = of(file)
    if not signature.is_file():
        raise InputError(f"{source}.minisig: is missing; a release comes with its signature beside it")
    program = shutil.which("minisign")
    if program is None:
        raise MofyError("minisign: is not installed; `apt install minisign` brings it")
    run = subprocess.run(
        [program, "-Vqm", str(file), "-p", str(publisher), "-x", str(signature)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    if run.returncode:
        raise InputError(
            f"{source}: is not signed by the publisher whom this box trusts ({publisher}); nothing was changed"
        )

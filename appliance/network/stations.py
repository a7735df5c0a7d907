"""Who is in the box's own network: only their number."""

from __future__ import annotations

import subprocess

PROGRAM = "iw"
ANSWER_S = 5.0


def guests(device: str) -> int | None:
    """How many have joined the access point of this device; None where that cannot be told."""
    try:
        done = subprocess.run(
            [PROGRAM, "dev", device, "station", "dump"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            errors="replace", timeout=ANSWER_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return counted(done.stdout) if done.returncode == 0 else None


def counted(dump: str) -> int:
    """Stations in what iw prints."""
    return sum(line.startswith("Station ") for line in dump.splitlines())

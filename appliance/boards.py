"""Which board this is, and how warm: read from the kernel's own files."""

from __future__ import annotations

import platform
from pathlib import Path

ROOT = Path("/")


def board(root: Path = ROOT) -> str:
    """The board's or machine's name; never empty."""
    for place in ("proc/device-tree/model", "sys/devices/virtual/dmi/id/product_name"):
        name = _text(root / place)
        if name:
            return f"{name} ({platform.machine()})"
    return platform.machine() or "unknown machine"


def temperature_c(root: Path = ROOT) -> float | None:
    """The warmest thermal zone in degrees Celsius; None where there is none."""
    zones = (_text(zone) for zone in (root / "sys/class/thermal").glob("thermal_zone*/temp"))
    degrees = [int(text) / 1000 for text in zones if text.lstrip("-").isdigit()]
    return max(degrees) if degrees else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip("\0 \n")
    except OSError:
        return ""

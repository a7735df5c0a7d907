"""What the kernel tells in files of a line or two, under /proc and /sys."""

from __future__ import annotations

from pathlib import Path


def text(path: Path) -> str:
    """The file's text, without blanks and the NUL of a device tree around it; empty where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip("\0 \t\n")
    except OSError:
        return ""

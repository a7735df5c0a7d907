"""The sockets for displays as the kernel shows them under /sys/class/drm, and what is plugged into them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from appliance.kernel_files import text

Size = tuple[int, int]

LARGEST: Size = (1920, 1200)
"""More than this costs a board's processor more than a viewer sees; televisions scale it up themselves."""

USUAL: Size = (1920, 1080)
"""Of a display that names no mode."""


@dataclass(frozen=True, slots=True)
class Connector:
    """One socket with a display in it."""

    name: str
    """For people: "HDMI-A-1"."""
    card: str
    """"card1"."""
    id: int
    """The kernel's number for it; -1 where the kernel does not tell."""
    modes: tuple[Size, ...]
    """(width, height), the display's own first."""
    display: str
    """Changes when another display is plugged in."""


def connected(root: Path) -> list[Connector]:
    """Sockets with a display in them, HDMI before others; empty where there is none or nothing can be shown at all."""
    found = []
    for folder in sorted((root / "sys/class/drm").glob("card*-*")):
        card, _, name = folder.name.partition("-")
        if text(folder / "status") == "connected" and name.partition("-")[0] != "Writeback":
            number = text(folder / "connector_id")
            modes = _modes(text(folder / "modes"))
            edid = hashlib.sha256(_bytes(folder / "edid")).hexdigest()[:12]
            found.append(Connector(name, card, int(number) if number.isdigit() else -1, modes, edid))
    return sorted(found, key=lambda one: (not one.name.startswith("HDMI"), one.card, one.name))


def sockets(root: Path) -> int:
    """How many sockets there are, with or without a display."""
    return sum(1 for folder in (root / "sys/class/drm").glob("card*-*") if (folder / "status").exists())


def chosen(modes: tuple[Size, ...], wanted: str) -> Size:
    """The mode to set: the one that is wanted where the display has it, else its own, or the next that is not huge."""
    if wanted != "auto":
        width, height = (int(side) for side in wanted.split("x"))
        if (width, height) in modes:
            return width, height
    fitting = [mode for mode in modes if mode[0] <= LARGEST[0] and mode[1] <= LARGEST[1]]
    if not modes:
        return USUAL
    if not fitting or modes[0] == fitting[0]:
        return modes[0]
    # The display's own is too large: the largest that is not, of its shape if there is one.
    shape = modes[0][0] / modes[0][1]
    return max(fitting, key=lambda mode: (abs(mode[0] / mode[1] - shape) < 0.02, mode[0] * mode[1]))


def _modes(text: str) -> tuple[Size, ...]:
    # An "i" at the end is interlaced: shown by halves, not for us.
    sizes = (re.fullmatch(r"(\d+)x(\d+)", line.strip()) for line in text.splitlines())
    return tuple(dict.fromkeys((int(size[1]), int(size[2])) for size in sizes if size))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""

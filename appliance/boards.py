"""Which board this is, what it is asked to do, and how warm it is: read from the kernel's own files."""

from __future__ import annotations

import json
import math
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from appliance.kernel_files import text

ROOT = Path("/")

TUNED = "board.json"
"""In the data folder: what was measured on this very box."""

Options = Mapping[str, Mapping[str, Any]]
"""Values by section and option, as default.toml has them."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a board is asked to do; the owner's options go over it."""

    name: str
    compatible: str
    """Piece of a line of the device tree's `compatible`, its chip's where boards differ; empty fits every machine."""
    why: str
    options: Options = field(default_factory=dict)


ROWS = (
    Row(
        "Raspberry Pi 5",
        "brcm,bcm2712",
        "four quick cores and no encoder: three for networks, the stream coded by x264",
        {"faces": {"threads": 3}, "camera": {"width": 1280, "height": 720, "fps": 30}},
    ),
    Row(
        "Raspberry Pi 4",
        "brcm,bcm2711",
        "four slow cores: the small detector, and fewer frames",
        {
            "faces": {"threads": 3, "detector": "yunet-320x192-int8"},
            "camera": {"width": 1280, "height": 720, "fps": 20},
        },
    ),
    Row(
        "Jetson Orin",
        "nvidia,tegra234",
        "the GPU runs the networks, finding faces in int8; 1080p; an Orin Nano has no encoder, so x264 takes two cores",
        {
            "faces": {
                "threads": 4,
                "detector": "yunet-640x384-int8-onnx",
                "embedder": "mobilefacenet-512-float-onnx",
                "tiles_a_frame": 2,
            },
            "camera": {"width": 1920, "height": 1080, "fps": 30},
        },
    ),
    Row(
        "Jetson Nano",
        "nvidia,tegra210",
        "an old GPU that its last TensorRT runs from Python 3.6 alone: networks on its four slow cores",
        {
            "faces": {"threads": 3, "detector": "yunet-320x192-int8"},
            "camera": {"width": 1280, "height": 720, "fps": 15},
        },
    ),
    Row("any other machine", "", "the defaults: 720p at 30 frames a second on two cores"),
)
"""The first that fits counts."""


def row(root: Path = ROOT) -> Row:
    """The row of this board."""
    tree = text(root / "proc/device-tree/compatible").replace("\0", "\n")
    return next(one for one in ROWS if any(one.compatible in line for line in (tree or " ").splitlines()))


def options(data: Path, root: Path = ROOT) -> Options:
    """What this board is asked to do: its row, and over it what was measured on this very box."""
    mine = row(root)
    return _over(mine.options, tuned(data, root))


def tuned(data: Path, root: Path = ROOT) -> Options:
    """What `mofy bench --save` kept for this board; nothing when it was another one, or cannot be read."""
    try:
        kept = json.loads((data / TUNED).read_text(encoding="utf-8"))
        if any(kept.get(mark) != mine for mark, mine in marks(root).items()):
            return {}
        found: Options = {section: dict(values) for section, values in kept["options"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return found


def board(root: Path = ROOT) -> str:
    """The board's or machine's name; never empty."""
    for place in ("proc/device-tree/model", "sys/devices/virtual/dmi/id/product_name"):
        name = text(root / place)
        if name:
            return f"{name} ({platform.machine()})"
    return platform.machine() or "unknown machine"


def marks(root: Path = ROOT) -> dict[str, Any]:
    """What a measurement belongs to: a card that moves to another board, or another size of it, is measured anew.

    The processors that are there, not those that a mode to save power left on: they change while it starts.
    """
    return {"board": board(root), "processors": _processors(root), "memory_gb": _memory_gb(root)}


def _processors(root: Path) -> int:
    """Of lists as the kernel writes them: 0-3,6; 0 where it tells none."""
    found = re.findall(r"(\d+)(?:-(\d+))?", text(root / "sys/devices/system/cpu/present"))
    return sum(int(last or first) - int(first) + 1 for first, last in found)


def _memory_gb(root: Path) -> int:
    """As boards are sold, in powers of two: what kernel and graphics keep for themselves differs by version."""
    found = re.search(r"MemTotal: +(\d+) kB", text(root / "proc/meminfo"))
    return 1 << round(max(math.log2(int(found[1]) / 2**20), 0)) if found else 0


def temperature_c(root: Path = ROOT) -> float | None:
    """The warmest thermal zone in degrees Celsius; None where there is none."""
    zones = (text(zone) for zone in (root / "sys/class/thermal").glob("thermal_zone*/temp"))
    degrees = [int(text) / 1000 for text in zones if text.lstrip("-").isdigit()]
    return max(degrees) if degrees else None


def _over(below: Options, above: Options) -> Options:
    return {section: {**below.get(section, {}), **above.get(section, {})} for section in (*below, *above)}

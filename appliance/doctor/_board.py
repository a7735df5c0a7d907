"""What this machine was found to be, and by what: for whoever wonders why a camera or an encoder is not used."""

from __future__ import annotations

import os
import re
from pathlib import Path

from appliance import boards, throttling
from appliance.errors import MofyError
from appliance.kernel_files import text
from appliance.sinks import _connectors as connectors
from appliance.sinks._encoders import ENCODERS, present

Fact = tuple[str, str, str]
"""What, what was found, and where."""


def facts(data: Path, root: Path = Path("/")) -> list[Fact]:
    """One row for each thing that MOFY chooses by; data: the folder with what was measured on this very box."""
    return [*_machine(root), *_asked(data, root), *_cameras(root), *_displays(root), *_encoders()]


def _machine(root: Path) -> list[Fact]:
    row, degrees = boards.row(root), boards.temperature_c(root)
    memory = re.search(r"MemTotal: +(\d+) kB", text(root / "proc/meminfo"))
    return [
        ("board", boards.board(root), "/proc/device-tree/model, or the name that the firmware gives"),
        ("taken for", row.name, row.why),
        ("processors", str(os.cpu_count() or 1), "the system"),
        ("memory", f"{int(memory[1]) * 1024 // 1_000_000} MB" if memory else "unknown", "/proc/meminfo"),
        ("temperature", "unknown" if degrees is None else f"{degrees:.0f} °C", "/sys/class/thermal"),
        ("slowed down", throttling.throttled(root) or "no", "firmware and cooling devices"),
    ]


def _asked(data: Path, root: Path) -> list[Fact]:
    measured = boards.tuned(data, root)
    found = [
        (
            f"{section}.{name}",
            str(value),
            f"measured here, {data / boards.TUNED}" if name in measured.get(section, {}) else "by the table of boards",
        )
        for section, options in boards.options(data, root).items()
        for name, value in options.items()
    ]
    if not measured and (data / boards.TUNED).exists():
        found.append(("measured", "on another board: not used", "the next start measures this one"))
    return found


def _cameras(root: Path) -> list[Fact]:
    nodes = sorted((root / "sys/class/video4linux").glob("video*"))
    named = [("camera", text(node / "name") or node.name, f"/dev/{node.name}") for node in nodes]
    return named or [("camera", "none", "/sys/class/video4linux is empty")]


def _displays(root: Path) -> list[Fact]:
    here = connectors.connected(root)
    where = f"{connectors.sockets(root)} sockets under /sys/class/drm"
    rows = [
        ("display", f"{one.name}, its own mode {_mode(one)}", f"/sys/class/drm/{one.card}-{one.name}") for one in here
    ]
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        rows.append(("desktop", "yes: it has the display, output = auto leaves it alone", "DISPLAY or WAYLAND_DISPLAY"))
    return rows or [("display", "none", where)]


def _mode(one: connectors.Connector) -> str:
    return "x".join(str(side) for side in one.modes[0]) if one.modes else "unknown"


def _encoders() -> list[Fact]:
    try:
        here = present()
    except MofyError as error:
        return [("encoder", "none", str(error))]
    first = f"the best that is here of {', '.join(ENCODERS)}"
    return [("encoder", here[0], first)] if here else [("encoder", "none", f"none is here of {', '.join(ENCODERS)}")]

"""What this machine was found to be, and by what: for whoever wonders why a camera or an encoder is not used."""

from __future__ import annotations

import os
from pathlib import Path

from appliance import boards
from appliance.sinks import _connectors as connectors

Fact = tuple[str, str, str]
"""What, what was found, and where."""


def facts(root: Path = Path("/")) -> list[Fact]:
    """One row for each thing that MOFY chooses by."""
    return [*boards.facts(root), *_cameras(root), *_displays(root), *_encoders()]


def _cameras(root: Path) -> list[Fact]:
    nodes = sorted((root / "sys/class/video4linux").glob("video*"))
    named = [("camera", boards.text(node / "name") or node.name, f"/dev/{node.name}") for node in nodes]
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
    from appliance.errors import MofyError
    from appliance.sinks._encoders import ENCODERS, present

    try:
        here = present()
    except MofyError as error:
        return [("encoder", "none", str(error))]
    first = f"the best that is here of {', '.join(ENCODERS)}"
    return [("encoder", here[0], first)] if here else [("encoder", "none", f"none is here of {', '.join(ENCODERS)}")]

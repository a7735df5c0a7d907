"""Which versions of what MOFY stands on are installed, and what is missing."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable
from importlib import metadata

from appliance import __version__
from appliance.doctor import Finding, Site, ok, warning, wrong
from appliance.errors import MofyError
from appliance.gst import gst

OLDEST = (1, 20)
"""Of GStreamer: Ubuntu 22.04 has it."""

NEEDED = ("appsrc", "appsink", "videoconvert", "h264parse", "rtph264pay", "decodebin", "v4l2src", "kmssink")
REPAIR = "run install.sh again"


def check(site: Site) -> Iterable[Finding]:
    """One for GStreamer, one for Python and what pip brought."""
    return [_media(), _python()]


def _media() -> Finding:
    try:
        names = gst()
    except MofyError as error:
        return wrong(str(error), REPAIR)
    import gi

    version = names.Gst.version()
    told = ".".join(str(part) for part in version[:3])
    missing = [element for element in NEEDED if names.Gst.ElementFactory.find(element) is None]
    if missing:
        return wrong(
            f"GStreamer {told} lacks {', '.join(missing)}", "install gstreamer1.0-plugins-{base,good,bad,ugly}"
        )
    if tuple(version[:2]) < OLDEST:
        return warning(f"GStreamer {told} is older than what MOFY was tried with", "use a newer distribution")
    return ok(f"GStreamer {told}, PyGObject {gi.__version__}, Linux {platform.release()}")


def _python() -> Finding:
    told = f"MOFY {__version__}, Python {platform.python_version()}"
    try:
        wanted = metadata.requires("mofy") or []
    except metadata.PackageNotFoundError:
        return ok(f"{told}, run from a folder without being installed")
    names = [match[0] for line in wanted if ";" not in line and (match := re.match(r"[A-Za-z0-9_.-]+", line))]
    missing = [name for name in names if not _installed(name)]
    if missing:
        return wrong(f"{told} lacks {', '.join(missing)}", REPAIR)
    return ok(f"{told} and its {len(names)} packages")


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True

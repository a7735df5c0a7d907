"""Whether a display at HDMI shows, or would show, the picture."""

from __future__ import annotations

import os
from collections.abc import Iterable

from appliance.doctor import Finding, Site, ok, warning, wrong
from appliance.sinks import _connectors as connectors

GROUP = "add the user of the engine to the group video and log in again"


def check(site: Site) -> Iterable[Finding]:
    """One finding."""
    return [_finding(site)]


def _finding(site: Site) -> Finding:
    options, engine = site.config.hdmi, site.engine
    if engine is not None and engine.display:
        return ok(f"the engine shows the picture on {engine.display}")
    faults = [fault for fault in (engine.faults if engine else ()) if fault.startswith("hdmi: ")]
    if faults:
        return wrong(faults[0].removeprefix("hdmi: "), "")
    if options.output == "off":
        return ok("switched off in the configuration")
    if options.output in ("x11", "gl", "jetson"):
        if os.environ.get("DISPLAY"):
            return ok(f"a window on the desktop {os.environ['DISPLAY']}")
        return wrong(
            "a window is asked for, and there is no desktop", 'output = "auto" in [hdmi] shows it on HDMI itself'
        )
    return _plugged(site)


def _plugged(site: Site) -> Finding:
    here = connectors.connected(site.root)
    if not here:
        count = connectors.sockets(site.root)
        if not count and site.config.hdmi.output == "kms":
            return wrong("the kernel knows of no display socket", "set dtoverlay=vc4-kms-v3d on a Raspberry Pi")
        return ok("nothing is plugged in" if count else "this machine has no display socket")
    display = here[0]
    width, height = connectors.chosen(display.modes, site.config.hdmi.mode)
    says = f"a display at {display.name}, to be shown at {width}x{height}"
    if not os.access(site.root / "dev/dri" / display.card, os.R_OK | os.W_OK):
        return warning(f"{says}, but /dev/dri/{display.card} may not be opened by this user", GROUP)
    wanted = site.config.hdmi.mode
    if wanted != "auto" and wanted != f"{width}x{height}":
        return warning(f"{says}: it does not have the mode {wanted}", 'mode = "auto" in [hdmi] takes its own')
    return ok(says)

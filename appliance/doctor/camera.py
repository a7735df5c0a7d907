"""Whether the camera gives pictures, of which size and how many."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress

from appliance import capture
from appliance.capture import Capture, SourceEndError, auto
from appliance.doctor import Finding, Site, ok, warning, wrong
from appliance.errors import CaptureError, InputError
from appliance.status import Status

LOOK_S = 2.0
FIRST_S = 3.0
SLOW = 0.7
"""Share of the frames asked for below which a camera is slow."""

CABLE = "check the camera and its cable, or name another with --source"


def check(site: Site) -> Iterable[Finding]:
    """As the engine reports where one runs, else by opening the camera; and which there are, where one may choose."""
    engine = site.engine
    yield _reported(site, engine) if engine is not None else _opened(site)
    there = auto.listed(site.root)
    if len(there) > 1:
        names = ", ".join(f"{source} ({name or 'no name'})" for source, name in there)
        yield ok(f"to choose from, as MOFY_SOURCE of a box or with --source: {names}")


def _reported(site: Site, engine: Status) -> Finding:
    if engine.state == "slate":
        return ok(f"{engine.source}: the engine has it; no picture is shown by request")
    if engine.state != "running":
        return wrong(f"{engine.source}: gives the engine no picture ({engine.state})", CABLE)
    return _judged(site, engine.source, engine.width, engine.height, engine.fps, " (the engine has it)")


def _opened(site: Site) -> Finding:
    try:
        source = capture.build(site.source, site.config.camera)
    except (InputError, CaptureError) as error:
        # What was tried in vain is told in brackets; one line says enough.
        return wrong(str(error).partition(" (")[0] if site.source == "auto" else str(error), CABLE)
    try:
        first = source.read(FIRST_S)
        if first is None:
            return wrong(f"{capture.told(site.source)}: gives no picture", CABLE)
        fps = _rate(source)
        return _judged(site, capture.told(site.source), first.width, first.height, fps, "")
    except CaptureError as error:
        return wrong(str(error), CABLE)
    finally:
        source.close()


def _rate(source: Capture) -> float:
    """Frames a second; a film may end before the look does."""
    count, began = 0, time.monotonic()
    with suppress(SourceEndError):
        while time.monotonic() - began < LOOK_S:
            count += source.read(0.2) is not None
    return count / (time.monotonic() - began)


def _judged(site: Site, told: str, width: int, height: int, fps: float, how: str) -> Finding:
    says = f"{told}: {width}x{height}, {fps:.0f} frames a second{how}"
    if fps < SLOW * site.config.camera.fps:
        asked = site.config.camera.fps
        return warning(
            f"{says}, {asked} were asked for", "more light, or a smaller picture: width and height in [camera]"
        )
    return ok(says)

"""Whether a release works on this very box: before it runs, and once it does."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress

from appliance import measuring, status
from appliance.box.places import Places
from appliance.box.releases import Release
from appliance.box.services import Services
from appliance.errors import InputError, MofyError

SELFTEST_S = 90.0
"""Importing everything for the first time from a memory card takes most of it."""

OWN_CHECKS = ("models", "packages", "encoder")
"""Of the doctor: what is the release's own. That no camera is plugged in is not its fault."""

SETTLED_S = 60.0
"""How long after a restart the engine may take to say that it runs."""

STEADY_S = 3.0
"""So long it must go on saying so: an engine that fails at its first picture says it once."""

LOOK_EVERY_S = 0.1

MOST_ENDS = 5
"""An engine that ended by itself so often does not begin to work: the picture need not stay away any longer."""

WELL = frozenset({"running", "slate", "no-picture"})
"""What an engine reports that works; without a camera it has no picture, and that is not the release's fault."""


def selftest(release: Release) -> None:
    """The release's own `mofy selftest` and `mofy doctor`, away from the box's people and port.

    Raises MofyError with its words.
    """
    with tempfile.TemporaryDirectory(prefix="mofy-selftest-") as folder:
        for command in (("selftest",), ("doctor", *OWN_CHECKS)):
            _try(release, command, folder)


def _try(release: Release, command: tuple[str, ...], folder: str) -> None:
    environment = os.environ | {"MOFY_DATA": folder, "RUNTIME_DIRECTORY": folder, "HOME": folder}
    environment.pop("NOTIFY_SOCKET", None)
    try:
        run = subprocess.run(
            [release.program, *command], env=environment, cwd=folder, capture_output=True, text=True,
            timeout=SELFTEST_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MofyError(f"{release.label}: its self-test cannot be run ({error})") from None
    if run.returncode:
        lines = (run.stderr.strip() or run.stdout.strip()).splitlines() or ["no reason given"]
        words = next((line for line in lines if line.startswith("wrong")), lines[-1])
        raise MofyError(f"{release.label}: failed its self-test: {words.removeprefix('mofy: ')}")


def expected(places: Places) -> frozenset[str]:
    """What the next release must report: a picture, too, where there is one now, or it has lost the camera."""
    with suppress(InputError):
        now = status.read(places.runtime)
        if now.state == "running" and not status.is_stale(now, time.time()):
            return WELL - {"no-picture"}
    return WELL


def engine(places: Places) -> int:
    """Process id of the engine that reported last; 0 for none."""
    with suppress(InputError):
        return status.read(places.runtime).pid
    return 0


def settle(
    places: Places,
    version: str,
    services: Services,
    before: int = 0,
    well: frozenset[str] = WELL,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Wait until an engine of that version works steadily; before: process id of the one that it takes over from.

    While the box measures itself the time does not count. Raises MofyError.
    """
    end_at = time.monotonic() + SETTLED_S
    well_since: float | None = None
    last = "the engine reports nothing"
    while time.monotonic() < end_at:
        last = _trouble(places, version, before, well)
        now = time.monotonic()
        if measuring.going_on(places.runtime):
            end_at = now + SETTLED_S
        well_since = (well_since or now) if not last else None
        if well_since is not None and now - well_since >= STEADY_S:
            return
        if last and services.ends() >= MOST_ENDS:
            raise MofyError(f"the engine ended {MOST_ENDS} times: {last}")
        sleep(LOOK_EVERY_S)
    raise MofyError(f"the box did not come up within {SETTLED_S:.0f} s: {last or 'it does not stay up'}")


def _trouble(places: Places, version: str, before: int, well: frozenset[str]) -> str:
    try:
        now = status.read(places.runtime)
    except InputError as error:
        return str(error)
    # Not by the time: a network may have set the clock back meanwhile.
    if now.pid == before or status.is_stale(now, time.time()):
        return "the engine has not reported since it was started"
    if now.version != version:
        return f"an engine of version {now.version} reports, not {version}"
    if now.state not in well:
        return ": ".join((f"the engine reports {now.state}", *filter(None, ("; ".join(now.faults),))))
    return ""

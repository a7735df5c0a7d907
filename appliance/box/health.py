"""Whether a release works on this very box: before it runs, and once it does."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable

from appliance import measuring, status
from appliance.box.places import Places
from appliance.box.releases import Release
from appliance.errors import InputError, MofyError

SELFTEST_S = 90.0
"""Importing everything for the first time from a memory card takes most of it."""

OWN_CHECKS = ("models", "packages", "encoder")
"""Of the doctor: what is the release's own. That no camera is plugged in is not its fault."""

SETTLED_S = 60.0
"""How long after a restart the engine may take to say that it runs."""

STEADY_S = 3.0
"""So long it must go on saying so: an engine that fails at its first picture says it once."""

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


def settle(
    places: Places,
    version: str,
    since: float,
    sleep: Callable[[float], None] = time.sleep,
    timeout_s: float = SETTLED_S,
) -> None:
    """Wait until an engine of that version, begun at epoch second `since` or later, works steadily.

    While the box measures itself the time does not count. Raises MofyError.
    """
    end_at = time.monotonic() + timeout_s
    well_since: float | None = None
    last = "the engine reports nothing"
    while time.monotonic() < end_at:
        last = _trouble(places, version, since)
        now = time.monotonic()
        if measuring.going_on(places.runtime):
            end_at = now + timeout_s
        well_since = (well_since or now) if not last else None
        if well_since is not None and now - well_since >= STEADY_S:
            return
        sleep(0.1)
    raise MofyError(f"the box did not come up within {timeout_s:.0f} s: {last or 'it does not stay up'}")


def _trouble(places: Places, version: str, since: float) -> str:
    try:
        now = status.read(places.runtime)
    except InputError as error:
        return str(error)
    if now.at < since or status.is_stale(now, time.time()):
        return "the engine has not reported since it was started"
    if now.version != version:
        return f"an engine of version {now.version} reports, not {version}"
    if now.state not in WELL:
        return f"the engine reports {now.state}: {_words(now.faults)}"
    return ""


def _words(faults: Iterable[str]) -> str:
    return "; ".join(faults) or "no reason given"

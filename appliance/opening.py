"""A slate on stream and display while a box is made ready: it measures itself for the first time, or builds its GPU's
networks, at first and whenever they or their library changed. The engine begins after that."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

from appliance import __version__, assembly, boards, capture, measuring, status
from appliance.errors import MofyError
from appliance.live import outputs
from appliance.live.notices import Notices
from appliance.live.outlet import Outlet
from appliance.live.words import Situation
from appliance.options import Config
from appliance.status import Status
from appliance.supervision import notify

SLATE_EVERY_S = 0.2
REPORT_EVERY_S = 0.5

WAITING_US = 30_000_000
"""How much longer the supervisor is asked to wait; a Jetson measures for minutes."""


def wait(
    config: Config, source: str, data: Path, stop: threading.Event, tell: Callable[[Status], None] = lambda _: None
) -> bool:
    """True after a wait for this machine's first measuring, or for stop; False at once when there is none.

    Raises MofyError when a slate cannot be shown.
    """
    folder = status.runtime_folder(data)
    if boards.tuned(data) or not measuring.going_on(folder):
        return False

    def over() -> bool:
        return not measuring.going_on(folder) or stop.wait(SLATE_EVERY_S)

    slate("measuring", config, source, data, over, tell)
    return True


def build_networks(
    config: Config, source: str, data: Path, stop: threading.Event, tell: Callable[[Status], None] = lambda _: None
) -> None:
    """Build what this machine's GPU lacks, or until stop; at once when it lacks nothing. Raises MofyError."""
    if assembly.is_built(config):
        return
    failed: list[MofyError] = []

    def build() -> None:
        try:
            # Whoever judges whether this release works does not count the time in which a box measures itself.
            with measuring.under_way(status.runtime_folder(data)):
                assembly.detector(config)
                assembly.embedder(config)
        except MofyError as error:
            failed.append(error)
        except Exception as error:  # whatever the library may raise: built without a slate, it would be killed for it
            failed.append(MofyError(f"the GPU's networks cannot be built: {error or type(error).__name__}"))

    # The library cannot be interrupted: who stops does not wait for it.
    worker = threading.Thread(target=build, name="networks", daemon=True)
    worker.start()
    slate("building", config, source, data, lambda: not worker.is_alive() or stop.wait(SLATE_EVERY_S), tell)
    if failed:
        raise failed[0]


def slate(
    which: Situation,
    config: Config,
    source: str,
    data: Path,
    over: Callable[[], bool],
    tell: Callable[[Status], None] = lambda _: None,
    why: tuple[str, ...] = (),
) -> None:
    """Show it on stream and display until over; why: what is wrong, for the report. Raises MofyError."""
    folder = status.runtime_folder(data)
    with ExitStack() as opened:
        told = replace(outputs.options(config, data, folder), sound=None)
        sinks, displays = outputs.build(("rtsp", "preview"), told, opened)
        notices = Notices(config, data, sinks[0].port, told.login)
        outlet = Outlet(sinks, assembly.mask(config), (config.camera.width, config.camera.height), notices, displays)
        address, reported_at = outputs.address(config.rtsp, sinks[0].port), float("-inf")
        while not over():
            outlet.slate(which)
            if time.monotonic() - reported_at > REPORT_EVERY_S:
                reported_at = time.monotonic()
                notify(f"EXTEND_TIMEOUT_USEC={WAITING_US}")
                _report(_status(source, address, outlet, why), folder, tell)
        outlet.shut()


def _status(source: str, address: str, outlet: Outlet, why: tuple[str, ...]) -> Status:
    width, height = outlet.size
    return Status(
        "failed" if why else "starting", time.time(), os.getpid(), __version__, capture.told(source), address,
        width, height, board=boards.board(), faults=(*why, *outlet.faults),
    )  # fmt: skip


def _report(now: Status, folder: Path, tell: Callable[[Status], None]) -> None:
    # A full disk must not stop the slate; the report's age tells.
    with suppress(OSError):
        status.write(now, folder)
    tell(now)

"""A slate on stream and display while a box measures itself for the first time: the engine begins after that."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

from appliance import __version__, assembly, boards, capture, measuring, status
from appliance.config import Config
from appliance.live import outputs
from appliance.live.notices import Notices
from appliance.live.outlet import Outlet
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
    with ExitStack() as opened:
        told = replace(outputs.options(config, data, folder), sound=None)
        sinks, displays = outputs.build(("rtsp", "preview"), told, opened)
        notices = Notices(config, data, sinks[0].port, told.login)
        outlet = Outlet(sinks, assembly.mask(config), (config.camera.width, config.camera.height), notices, displays)
        address, reported_at = outputs.address(config.rtsp, sinks[0].port), float("-inf")
        while measuring.going_on(folder) and not stop.wait(SLATE_EVERY_S):
            outlet.slate("measuring")
            if time.monotonic() - reported_at > REPORT_EVERY_S:
                reported_at = time.monotonic()
                notify(f"EXTEND_TIMEOUT_USEC={WAITING_US}")
                _report(_status(source, address, outlet), folder, tell)
        outlet.shut()
    return True


def _status(source: str, address: str, outlet: Outlet) -> Status:
    width, height = outlet.size
    return Status(
        "starting", time.time(), os.getpid(), __version__, capture.told(source), address, width, height,
        board=boards.board(), faults=outlet.faults,
    )  # fmt: skip


def _report(now: Status, folder: Path, tell: Callable[[Status], None]) -> None:
    # A full disk must not stop the slate; the report's age tells.
    with suppress(OSError):
        status.write(now, folder)
    tell(now)

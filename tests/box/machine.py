"""A box below a folder: releases that tests make, and a service manager that does as it is told."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path

from appliance import status
from appliance.box.places import Places
from appliance.box.releases import WHOLE, Release
from appliance.box.services import Services
from appliance.errors import MofyError
from appliance.status import State, Status

PIDS = itertools.count(1)
"""No two engines have the same."""

UNITS = Path(__file__).resolve().parents[2] / "systemd"


def made(places: Places, label: str, version: str = "1.0", works: bool = True, whole: bool = True) -> Release:
    """A release whose program says whether it works."""
    folder = places.releases / label
    (folder / "systemd").mkdir(parents=True)
    (folder / "appliance").mkdir()
    for unit in UNITS.iterdir():
        (folder / "systemd" / unit.name).write_bytes(unit.read_bytes())
    (folder / "appliance/__init__.py").write_text(f'__version__ = "{version}"\n')
    (folder / "appliance/default.toml").write_text("# a\n# b\n\n[look]\nstrength = 3    # how much\n")
    program = folder / ".venv/bin/mofy"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n" + ("exit 0\n" if works else "echo 'mofy: the encoder is gone' >&2\nexit 1\n"))
    program.chmod(0o755)
    if whole:
        (folder / WHOLE).touch()
    return Release(folder)


class Manager(Services):
    """Starts whatever release is current: one whose version is in `broken` never reports that it runs."""

    def __init__(
        self,
        places: Places,
        broken: tuple[str, ...] = (),
        running: bool = True,
        blind: tuple[str, ...] = (),
        ends: int = 0,
    ) -> None:
        """blind: versions that find no camera; ends: how often the engine has ended by itself."""
        self._places = places
        self._broken = broken
        self._running = running
        self._blind = blind
        self._ends = ends
        self.calls: list[str] = []

    def running(self) -> bool:
        return self._running

    def prepare(self) -> None:
        self.calls.append("prepare")

    def restart(self) -> None:
        self.calls.append("restart")
        version = (self._places.current / "appliance/__init__.py").read_text().split('"')[1]
        folder = self._places.runtime
        folder.mkdir(parents=True, exist_ok=True)
        state: State = "failed" if version in self._broken else "no-picture" if version in self._blind else "running"
        faults = ("the encoder is gone",) if version in self._broken else ()
        now = Status(state, time.time(), next(PIDS), version, "walk", "rtsp://x", faults=faults)
        status.write(now, folder)

    def stop(self) -> None:
        self.calls.append("stop")

    def disable(self) -> None:
        self.calls.append("disable")

    def restart_broker(self, forgetting: Path | None = None) -> None:
        self.calls.append("restart broker")
        if forgetting is not None:
            forgetting.unlink()

    def ends(self) -> int:
        return self._ends

    def last_words(self) -> str:
        return "mofy: the camera is on fire" if self._broken else ""

    def forget(self) -> None:
        self.calls.append("forget")


class Stuck(Manager):
    """A manager that refuses."""

    def restart(self) -> None:
        raise MofyError("systemctl restart: Unit mofy.target not found")


def noted(places: Places) -> dict[str, object]:
    """What became of the last update."""
    told: dict[str, object] = json.loads(places.update.read_text())
    return told


def said(lines: list[str] | None = None) -> Callable[[str], None]:
    """Where an update tells what it does."""
    return (lines if lines is not None else []).append

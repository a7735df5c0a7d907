"""A machine with a Wi-Fi device and a cable, and a nmcli on PATH that knows no other."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from appliance.network import keeper, nmcli, report
from appliance.network.keeper import Keeper, Site
from appliance.network.report import Report
from appliance.network.wishes import Wish, wish
from tests.network import fake_nmcli

HOME = "Home: 5\\G"
PASSWORD = " pass\\word:;# "


@dataclass
class Field:
    """Where a box stands."""

    folder: Path

    @property
    def site(self) -> Site:
        return Site(self.folder / "data", self.folder / "run", root=self.folder / "root")

    @property
    def _world(self) -> Path:
        return self.folder / "world.json"

    def world(self) -> dict:
        return json.loads(self._world.read_text())

    def change(self, **news: object) -> None:
        """More of the same: devices, air, profiles by name; running."""
        world = self.world()
        for key, value in news.items():
            if isinstance(value, dict):
                world[key] = {k: v for k, v in {**world[key], **value}.items() if v is not None}
            else:
                world[key] = value
        self._world.write_text(json.dumps(world))

    def wishes(self, kind: str, ssid: str = "", password: str = "") -> str:
        return wish(self.site.data, self.site.runtime, Wish(kind, ssid, password))

    @property
    def told(self) -> Report:
        found = report.read(self.site.runtime)
        assert found is not None
        return found

    @property
    def calls(self) -> list[list[str]]:
        return self.world()["calls"]

    def connected(self, device: str = "wlan0") -> str:
        """The name of the Wi-Fi that a device is in."""
        world = self.world()
        return world["profiles"].get(world["devices"][device]["uuid"], {}).get("ssid", "")


@pytest.fixture
def field(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Field:
    for name in ("data", "run", "root", "bin"):
        (tmp_path / name).mkdir()
    program = tmp_path / "bin/nmcli"
    program.write_text(f"#!{sys.executable} -SE\n{Path(fake_nmcli.__file__).read_text()}")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_NMCLI", str(tmp_path / "world.json"))
    (tmp_path / "world.json").write_text(json.dumps({
        "running": True, "calls": [], "profiles": {},
        "devices": {
            "wlan0": {"type": "wifi", "state": "disconnected", "uuid": ""},
            "eth0": {"type": "ethernet", "state": "unavailable", "uuid": ""},
        },
        "air": {HOME: {"security": "WPA2", "password": PASSWORD, "signal": 70}},
    }))  # fmt: skip
    return Field(tmp_path)


def in_this_process(words: Sequence[str], _: float) -> nmcli.Answer:
    """What the program would say, without the cost of hundreds of programs."""
    return nmcli.Answer(*fake_nmcli.said(list(words)))


class Watch:
    """A keeper whose time passes when it is told to."""

    def __init__(
        self, field: Field, guests: int | None = 0, runner: nmcli.Runner | None = None, **options: object
    ) -> None:
        """runner: another way to nmcli than calling what it would do; nmcli.run starts the program each time."""
        self.guests, self.now = guests, 0.0
        site, asked = replace(field.site, **options), nmcli.Nmcli(runner or in_this_process)
        self.keeper = Keeper(site, asked, guests=lambda _: self.guests, now=lambda: self.now, pause=lambda _: None)

    def passes(self, seconds: float = 0.0) -> None:
        """So long, in looks."""
        end = self.now + seconds
        self.keeper.step()
        while self.now < end:
            self.now += keeper.LOOK_EVERY_S
            self.keeper.step()

"""NetworkManager through its command line tool: the only place that calls it. No secret is ever among its words.

Terse tables (-t) have one row a line, cells parted by ":", and "\\" before each ":" and "\\" of a cell; what is shown
of one connection or device has "name:value" lines in which nothing is escaped.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import MofyError

PROGRAM = "nmcli"
ANSWER_S = 15.0
"""Longest time for a question; what takes longer hangs."""

NOT_RUNNING = 8
"""Exit status of nmcli where no NetworkManager runs."""

WIFI, CABLE = "wifi", "ethernet"
"""Types of devices, as NetworkManager calls them."""

WIFI_PROFILE = "802-11-wireless"


class NoManagerError(MofyError):
    """There is no NetworkManager on this machine, or none that runs."""


class RefusedError(MofyError):
    """NetworkManager did not do it; the message is its own."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What nmcli said: its exit status, standard output and error."""

    code: int
    out: str
    err: str = ""


Runner = Callable[[Sequence[str], float], Answer]
"""Runs nmcli with these words, for so many seconds at most."""


@dataclass(frozen=True, slots=True)
class Device:
    """A network device."""

    name: str
    kind: str
    state: str
    """connected, connecting (...), disconnected, unavailable, unmanaged, ..."""
    profile: str = ""
    """The uuid of what it is connected by."""

    @property
    def connected(self) -> bool:
        """True when it carries a connection that NetworkManager made."""
        return self.state == "connected"

    @property
    def connecting(self) -> bool:
        """True while it is about to."""
        return self.state.startswith("connecting")


@dataclass(frozen=True, slots=True)
class Profile:
    """A network that NetworkManager knows."""

    uuid: str
    ssid: str
    is_own: bool
    """True where the box would be the access point."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A Wi-Fi in reach."""

    ssid: str
    signal: int
    """0..100."""
    security: str
    """As NetworkManager has it: "WPA2", "WPA1 WPA2", "WPA3", "WPA2 802.1X", "WEP", empty for an open one."""


def run(words: Sequence[str], longest_s: float) -> Answer:
    """The real nmcli; raises NoManagerError."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            [PROGRAM, *words], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            errors="replace", timeout=longest_s, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        raise NoManagerError("NetworkManager is not on this machine: its Wi-Fi is not looked after here") from None
    except subprocess.TimeoutExpired:
        return Answer(3, "", "Error: it gives no answer.")
    return Answer(done.returncode, done.stdout, done.stderr)


class Nmcli:
    """Questions and orders. Each raises NoManagerError, or RefusedError with NetworkManager's words."""

    def __init__(self, runner: Runner = run) -> None:
        self._run = runner

    def devices(self) -> list[Device]:
        """Every device there is."""
        rows = self._table("DEVICE,TYPE,STATE,CON-UUID", "device", "status")
        return [Device(*row) for row in rows]

    def profiles(self) -> list[Profile]:
        """Every Wi-Fi that is known."""
        rows = self._table("UUID,TYPE", "connection", "show")
        known = [uuid for uuid, kind in rows if kind == WIFI_PROFILE]
        wanted = "connection.uuid,802-11-wireless.ssid,802-11-wireless.mode"
        shown = self._ask("-t", "-f", wanted, "connection", "show", *known) if known else ""
        return [_profile(dict(_named(block))) for block in shown.split("\n\n") if block.strip()]

    def sights(self, device: str, anew: bool) -> list[Sight]:
        """Every Wi-Fi in reach of the device, the strongest first, each once; anew: look for them now (seconds).

        Left out are names that hold more than letters: whoever is in reach may call his so, to steer a terminal.
        """
        rescan = "yes" if anew else "no"
        rows = self._table("SSID,SIGNAL,SECURITY", "device", "wifi", "list", "ifname", device, "--rescan", rescan)
        found: dict[str, Sight] = {}
        for ssid, signal, security in rows:
            strength = int(signal) if signal.isdigit() else 0
            if ssid.isprintable() and ssid and (ssid not in found or found[ssid].signal < strength):
                found[ssid] = Sight(ssid, strength, security.replace("--", "").strip())
        return sorted(found.values(), key=lambda one: -one.signal)

    def addresses(self, device: str) -> tuple[str, ...]:
        """IPv4 addresses of a device, without their prefix."""
        shown = self._ask("-t", "-f", "IP4.ADDRESS", "device", "show", device)
        return tuple(value.partition("/")[0] for name, value in _named(shown) if name.startswith("IP4.ADDRESS"))

    def load(self, file: Path) -> None:
        """Take in the file of a connection."""
        self._ask("connection", "load", str(file))

    def up(self, uuid: str, device: str, longest_s: int) -> None:
        """Connect a device; returns once it is."""
        words = ("--wait", str(longest_s), "connection", "up", "uuid", uuid, "ifname", device)
        self._ask(*words, longest_s=longest_s + ANSWER_S)

    def down(self, uuid: str) -> None:
        """End a connection; it is no fault when it is not up."""
        self._run(("connection", "down", "uuid", uuid), ANSWER_S)

    def delete(self, uuid: str) -> None:
        """Forget a connection; it is no fault when it is not known."""
        self._run(("connection", "delete", "uuid", uuid), ANSWER_S)

    def connect_by_itself(self, uuid: str) -> None:
        """Let a connection come up whenever it can."""
        self._ask("connection", "modify", "uuid", uuid, "connection.autoconnect", "yes")

    def switch_wifi_on(self) -> None:
        """Where somebody or something has switched the radio off."""
        self._ask("radio", "wifi", "on")

    def _table(self, cells: str, *words: str) -> list[list[str]]:
        out = self._ask("-t", "-e", "yes", "-f", cells, *words)
        rows = [split(line) for line in out.split("\n") if line]
        return [row for row in rows if len(row) == len(cells.split(","))]

    def _ask(self, *words: str, longest_s: float = ANSWER_S) -> str:
        answer = self._run(words, longest_s)
        if answer.code == NOT_RUNNING:
            raise NoManagerError("NetworkManager does not run: Wi-Fi is not looked after until it does")
        if answer.code:
            said = [line for line in answer.err.splitlines() if line.startswith("Error:")] or answer.err.splitlines()
            raise RefusedError(said[0].removeprefix("Error: ") if said else f"nmcli ended with {answer.code}")
        return answer.out


def split(row: str) -> list[str]:
    """The cells of a terse row."""
    cells, escaped = [""], False
    for letter in row:
        if not escaped and letter == ":":
            cells.append("")
        elif not escaped and letter == "\\":
            escaped = True
            continue
        else:
            cells[-1] += letter
        escaped = False
    return cells


def _named(block: str) -> Iterator[tuple[str, str]]:
    for line in block.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            yield name, value


def _profile(shown: dict[str, str]) -> Profile:
    ssid, mode = shown.get("802-11-wireless.ssid", ""), shown.get("802-11-wireless.mode", "")
    return Profile(shown.get("connection.uuid", ""), ssid, mode == "ap")

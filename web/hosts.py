"""The names a browser may call the box by: any other is somebody else's name that was made to point here."""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from collections.abc import Iterable
from pathlib import Path

from appliance.network import naming
from appliance.network.own import read as read_own

ALWAYS = ("localhost", "mofy.local")
"""Names that no other machine can be meant by, and the box's own on the local network."""

LOOK_EVERY_S = 5.0
"""A phone may be given a new address by the hotspot; asking for it at every request would be dear."""


class Hosts:
    """Names and addresses of this machine. May be shared by threads."""

    def __init__(self, network: bool, names: Iterable[str] = (), data: Path | None = None) -> None:
        """network: False when only this machine can ask; names: more that it is called; data: of its own Wi-Fi."""
        self._network, self._data = network, data
        own = socket.gethostname().lower()
        of_network = (*ALWAYS[1:], own, own.partition(".")[0] + ".local") if network else ()
        self._names = {ALWAYS[0], *of_network, *(name.strip().lower() for name in names)}
        self._addresses: set[str] = set()
        self._looked_at = float("-inf")

    def mean_this_box(self, host: str) -> bool:
        """True for a Host header (with or without port) that names this machine."""
        name = re.sub(r":\d{0,5}$", "", host).lower()
        name = name.strip("[]").rstrip(".") if name.count("[") == name.count("]") <= 1 else ""
        if name in self._names:
            return bool(name)
        if self._network and name.endswith(".local") and name in self._announced():
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or (self._network and str(address) in self._own())

    def _announced(self) -> tuple[str, ...]:
        own = read_own(self._data) if self._data else None
        return naming.names(own.name) if own else ()

    def _own(self) -> set[str]:
        now = time.monotonic()
        if now - self._looked_at > LOOK_EVERY_S:
            self._addresses, self._looked_at = set(addresses()), now
        return self._addresses


def addresses() -> list[str]:
    """This machine's addresses, without those that only itself can reach; IPv4 first."""
    import psutil

    found = [
        one.address.partition("%")[0]
        for interface in psutil.net_if_addrs().values()
        for one in interface
        if one.family in (socket.AF_INET, socket.AF_INET6)
    ]
    outer = [address for address in found if not ipaddress.ip_address(address).is_loopback]
    return sorted(outer, key=lambda address: (":" in address, ipaddress.ip_address(address).is_link_local))

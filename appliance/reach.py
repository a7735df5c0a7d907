"""Where the box can be reached: its addresses on networks, and the page that the control process serves."""

from __future__ import annotations

import ipaddress
import json
import socket
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from appliance import whole_files

PAGE = "page.json"
"""In the data folder, for only the engine writes to the runtime one: where the control process listens."""

INTERFACES = Path("/sys/class/net")
RUNNING = ("up", "unknown")
"""Of an interface's operstate; some drivers never tell."""

EVERYWHERE = ("0.0.0.0", "::", "")
UNTIDY = ("docker", "veth", "br-", "virbr", "tun", "wg", "tap")
"""Interfaces that no phone beside the box is behind; their addresses come last."""


def lan_addresses() -> tuple[str, ...]:
    """IPv4 addresses that other machines may reach this one at, the likeliest first; empty without a network."""
    import psutil

    found: list[tuple[bool, bool, str]] = []
    up = running()
    for name, addresses in psutil.net_if_addrs().items():
        for one in addresses:
            if one.family == socket.AF_INET and name in up and not ipaddress.ip_address(one.address).is_loopback:
                found.append((one.address.startswith("169.254."), name.startswith(UNTIDY), one.address))
    return tuple(address for *_, address in sorted(found, key=lambda row: row[:2]))


def running(root: Path = INTERFACES) -> frozenset[str]:
    """Names of the interfaces that are up and plugged in."""
    # Not psutil's net_if_stats: it needs /proc/net, which the box's services do not see.
    found = []
    for state in root.glob("*/operstate"):
        with suppress(OSError):
            found += [state.parent.name] if state.read_text().strip() in RUNNING else []
    return frozenset(found)


def seen_from_outside(listens_on: str, lan: tuple[str, ...]) -> str | None:
    """The host to give to people for a server that listens there; None where there is none to give."""
    if listens_on in EVERYWHERE:
        return lan[0] if lan else None
    with suppress(ValueError):
        if ipaddress.ip_address(listens_on).is_loopback:
            return None
    return None if listens_on == "localhost" else listens_on


def address(scheme: str, host: str, port: int, path: str = "", login: str = "") -> str:
    """scheme://login@host:port/path, with the brackets that IPv6 needs."""
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{login}{'@' if login else ''}{host}:{port}{path}"


def tell_page(folder: Path, scheme: str, listens_on: str, port: int) -> None:
    """Let the engine and `mofy doctor` know where the page is; a full disk is no reason not to serve it."""
    with suppress(OSError):
        told = {"scheme": scheme, "host": listens_on, "port": port}
        whole_files.replace(folder / PAGE, json.dumps(told) + "\n")


def forget_page(folder: Path) -> None:
    """The page is no longer served."""
    with suppress(OSError):
        (folder / PAGE).unlink(missing_ok=True)


def page(folder: Path) -> tuple[str, str, int] | None:
    """(scheme, host it listens on, port) of the page; None where none has been told of."""
    try:
        told = json.loads((folder / PAGE).read_text(encoding="utf-8"))
        scheme, host, port = str(told["scheme"]), str(told["host"]), int(told["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    parts = urlsplit(address(scheme, host or "0.0.0.0", port))
    return (scheme, host, port) if parts.hostname else None

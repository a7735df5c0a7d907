"""What this box is, where it is and what it is made of: facts for the page of settings."""

from __future__ import annotations

import json
import re
import socket
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from urllib.parse import quote, urlsplit

from appliance import model_files, reach
from appliance.box.places import Places
from appliance.live import credentials, wishes
from appliance.options import Config
from appliance.status import Status
from web.hosts import addresses

STAGED = ("walk", "test")
"""Sources whose stream stays on the box itself."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Where the masked picture can be watched."""

    address: str
    login: str = ""
    """The address with user and password in it; empty where none is asked."""
    qr: str = ""
    """An SVG of it."""


@dataclass(frozen=True, slots=True)
class Network:
    """One way the box is connected."""

    name: str
    wireless: bool
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A library or model, and its licence."""

    name: str
    version: str
    licence: str


def name(data: Path, config: Config) -> str:
    """What the box is called."""
    return wishes.wished_name(data) or config.box.name.strip() or socket.gethostname()


def stream(status: Status | None, data: Path, config: Config) -> Stream | None:
    """The stream of a running engine, as a viewer in the network writes it; None when no engine has reported."""
    if status is None or not status.address:
        return None
    parts = urlsplit(status.address)
    lan = addresses()
    if not lan or status.source in STAGED or credentials.is_loopback(config.rtsp.address):
        return Stream(status.address)
    host = next((one for one in lan if ":" not in one), lan[0])
    plain = reach.address(parts.scheme, host, parts.port or 554, parts.path)
    password = _password(data)
    if not password or config.rtsp.authentication == "off":
        return Stream(plain, qr=qr(plain))
    login = f"{config.rtsp.user}:{quote(password, safe='')}"
    whole = reach.address(parts.scheme, host, parts.port or 554, parts.path, login)
    return Stream(plain, whole, qr(whole))


def networks() -> list[Network]:
    """Connected networks of this machine, but for itself."""
    import psutil

    up = reach.running()
    found = []
    for label, rows in sorted(psutil.net_if_addrs().items()):
        own = tuple(row.address for row in rows if row.family == socket.AF_INET and not row.address.startswith("127."))
        if own and label in up:
            found.append(Network(label, label.startswith("wl"), own))
    return found


def update(places: Places = Places()) -> dict[str, str] | None:
    """What became of the last update of the box's program; None where there was none."""
    try:
        told = json.loads(places.update.read_text(encoding="utf-8"))
        return {key: str(told[key]) for key in ("state", "release", "current", "words")} | {"at": str(told["at"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


@lru_cache(maxsize=1)
def libraries() -> tuple[Part, ...]:
    """What the program needs, as installed here."""
    try:
        wanted = metadata.requires("mofy") or []
    except metadata.PackageNotFoundError:
        return ()
    found = []
    for line in wanted:
        label = re.split(r"[^A-Za-z0-9_.-]", line)[0]
        if "extra ==" not in line:
            try:
                about = metadata.metadata(label)
            except metadata.PackageNotFoundError:
                continue
            found.append(Part(about["Name"], about["Version"], _licence(about)))
    return tuple(sorted(found, key=lambda part: part.name.lower()))


def models() -> list[Part]:
    """The networks in use."""
    rows = [dict(zip(model_files.COLUMNS, row)) for row in model_files.rows()]
    return [Part(row["model"], row["precision"], row["licence"]) for row in rows if row["default"]]


def _licence(about: metadata.PackageMetadata) -> str:
    said, words = (about.get_all(key) or [""] for key in ("License-Expression", "License"))
    classified = [
        line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or [] if line.startswith("License ::")
    ]
    return said[0] or ", ".join(classified) or words[0].partition("\n")[0][:60]


def _password(data: Path) -> str:
    try:
        return (data / credentials.PASSWORD).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def qr(text: str) -> str:
    """A code as an SVG."""
    import segno

    return str(segno.make_qr(text, error="m").svg_inline(border=3, dark="#000", light="#fff", omitsize=True))

"""What page and command line want of the network: small files in the runtime folder, read once and deleted.

That folder is in memory, so a password never comes to lie on the disk before NetworkManager keeps it; and it is locked
besides, with a key in the data folder. The service believes nothing that is in such a file before it has looked at it.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from appliance.errors import InputError, MofyError, StoreError, system_reason
from appliance.network.profiles import checked_password, checked_ssid
from appliance.store import ownership
from appliance.store.vault import Vault, kept_key

Kind = Literal["join", "forget", "own", "automatic", "scan"]
KINDS: tuple[Kind, ...] = ("join", "forget", "own", "automatic", "scan")
"""own: open the own network and keep it; automatic: only where there is no other."""

KEY = "network-key"
PREFIX = "network-wish-"
MOST_BYTES = 4096
MOST_WAITING = 20
"""More than a person can press; whoever sends more is no person."""

OLD_S = 300.0
"""Nobody waits any more for what was wished so long ago, when no service was there to obey."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that is wanted of the network; a password is never in its representation."""

    kind: Kind
    ssid: str = ""
    """Of join and forget."""
    password: str = ""
    """Of join; empty for a Wi-Fi that is open, or known already."""
    id: str = ""
    """Given when it is left; the report names the one that was answered last."""

    def __repr__(self) -> str:
        return f"Wish({self.kind} {self.ssid!r})"


def wish(data: Path, runtime: Path, wanted: Wish) -> str:
    """Leave a wish for the service; returns its id, by which the report tells what came of it. Raises MofyError."""
    if wanted.kind in ("join", "forget"):
        checked_ssid(wanted.ssid)
    checked_password(wanted.password)
    name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
    path = runtime / f"{PREFIX}{name}.json"
    try:
        if len(list(runtime.glob(f"{PREFIX}*"))) >= MOST_WAITING:
            raise InputError("the network has more to do than it can; try again in a minute")
        locked = base64.b64encode(_vault(data).lock(wanted.password.encode(), name)).decode()
        told = {"kind": wanted.kind, "ssid": wanted.ssid, "password": locked}
        ownership.make_once(path, json.dumps(told).encode())
    except OSError as error:
        why = system_reason(error)
        raise MofyError(f"{runtime}: the wish cannot be left there ({why}); try as root: sudo") from None
    return name


def take(data: Path, runtime: Path) -> list[Wish]:
    """The wishes that wait, oldest first; they are gone then. What is none is deleted unread."""
    found = []
    for path in sorted(runtime.glob(f"{PREFIX}*"))[:MOST_WAITING]:
        try:
            text = _read(path)
        except OSError:
            text = b""
        path.unlink(missing_ok=True)
        if (taken := _understood(data, path, text)) is not None:
            found.append(taken)
    return found


def _read(path: Path) -> bytes:
    # No link and no pipe: the folder's other users must not make a privileged reader read, or wait for, anything else.
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        return os.read(handle, MOST_BYTES)
    finally:
        os.close(handle)


def _understood(data: Path, path: Path, text: bytes) -> Wish | None:
    name = path.name.removeprefix(PREFIX).removesuffix(".json")
    try:
        told = json.loads(text)
        if told["kind"] not in KINDS or abs(time.time() - int(name.partition("-")[0]) / 1e9) > OLD_S:
            return None
        password = _vault(data).open(base64.b64decode(told["password"]), name).decode()
        ssid = checked_ssid(told["ssid"]) if told["kind"] in ("join", "forget") else ""
        return Wish(told["kind"], ssid, checked_password(password), name)
    except (ValueError, KeyError, TypeError, AttributeError, OSError, StoreError, InputError):
        return None


def _vault(data: Path) -> Vault:
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Vault(kept_key(data / KEY))

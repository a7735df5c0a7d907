"""What the service tells of the network: one small file in the runtime folder, replaced whole. No password is in it."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from appliance import whole_files

NAME = "network.json"
STALE_S = 90.0
"""The service renews it every few seconds, but for the while in which it tries to join."""

State = Literal["cable", "wifi", "own", "joining", "searching", "unmanaged"]
"""unmanaged: there is no NetworkManager."""

Failure = Literal["", "password", "out-of-reach", "no-address", "unusable", "other"]
"""Why a Wi-Fi was not joined."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A Wi-Fi in reach."""

    ssid: str
    signal: int
    security: str
    known: bool


@dataclass(frozen=True, slots=True)
class Report:
    """The network at one moment."""

    state: State
    at: float
    """Epoch seconds."""
    ssid: str = ""
    """Of the Wi-Fi it is in, or is joining."""
    addresses: tuple[str, ...] = ()
    radio: bool = False
    """There is a Wi-Fi device."""
    own: str = ""
    """Name of the own network while it is open."""
    own_kept: bool = False
    guests: int | None = None
    seen: tuple[Seen, ...] = ()
    known: tuple[str, ...] = ()
    failure: Failure = ""
    failed_ssid: str = ""
    words: str = ""
    """Of the last failure, in English."""
    answered: str = ""
    """Id of the wish that was obeyed, or refused, last."""


def write(report: Report, runtime: Path) -> None:
    """Replace the report; raises OSError."""
    whole_files.replace(runtime / NAME, json.dumps(asdict(report), ensure_ascii=False), mode=0o640)


def read(runtime: Path) -> Report | None:
    """The newest report; None where no service looks after the network, or none that this version understands."""
    try:
        told = json.loads((runtime / NAME).read_text(encoding="utf-8"))
        found = _parsed(told)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return found if abs(time.time() - found.at) <= STALE_S else None


def _parsed(told: dict[str, Any]) -> Report:
    known = {one.name: told[one.name] for one in fields(Report) if one.name in told}
    known["seen"] = tuple(Seen(**one) for one in told.get("seen", ()))
    known["known"], known["addresses"] = tuple(told.get("known", ())), tuple(told.get("addresses", ()))
    return Report(**known)

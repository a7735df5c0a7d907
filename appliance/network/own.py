"""Name and password of the box's own Wi-Fi: made once, and the same ever after."""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import InputError, StoreError, system_reason
from appliance.network.profiles import checked_password, checked_ssid
from appliance.store import ownership

FILE = "own-network.json"
"""In the data folder; holds a secret."""

KEPT = "own-network-kept"
"""In the data folder as long as the own network is asked for: a box that was unplugged opens it again."""

MACHINE_ID = Path("/etc/machine-id")
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""Those that nobody takes for another when reading them from a screen."""

GROUPS, GROUP = 3, 4
"""Of the password: 60 bits, for whoever records the greeting of a phone may guess at home."""


@dataclass(frozen=True, slots=True)
class Own:
    """The box's own Wi-Fi."""

    name: str
    password: str

    @property
    def uuid(self) -> str:
        """Of its connection: the same at every start."""
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{self.name}.mofy"))


def make(data: Path, machine_id: Path = MACHINE_ID) -> Own:
    """The box's own Wi-Fi, made if it is not yet; raises StoreError."""
    path = data / FILE
    try:
        if not path.exists():
            password = "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
            told = {"name": f"MOFY-{_mark(machine_id)}", "password": password}
            ownership.make_once(path, (json.dumps(told) + "\n").encode())
    except OSError as error:
        raise StoreError(f"{path}: cannot be made ({system_reason(error)})") from None
    found = read(data)
    if found is None:
        raise StoreError(f"{path}: is damaged; delete it, and a new name and password are made")
    return found


def read(data: Path) -> Own | None:
    """The same; None where it is not made yet, not for our eyes, or damaged."""
    try:
        told = json.loads((data / FILE).read_text(encoding="utf-8"))
        return Own(checked_ssid(str(told["name"])), checked_password(str(told["password"])))
    except (OSError, ValueError, KeyError, TypeError, InputError):
        return None


def is_kept(data: Path) -> bool:
    """True while somebody wants the own network."""
    return (data / KEPT).exists()


def keep(data: Path, wanted: bool) -> None:
    """Remember whether; raises OSError."""
    path = data / KEPT
    if not wanted:
        path.unlink(missing_ok=True)
    elif not path.exists():
        ownership.make_once(path, b"")


def _mark(machine_id: Path) -> str:
    try:
        text = machine_id.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        text = ""
    # Not the id itself: it is a secret of the machine.
    return hashlib.sha256(f"mofy {text}".encode()).hexdigest()[:4] if text else secrets.token_hex(2)

"""Joining a Wi-Fi: tried with a connection that comes up by itself only once it has worked."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance import whole_files
from appliance.errors import InputError, system_reason
from appliance.network import profiles
from appliance.network.nmcli import Nmcli, RefusedError
from appliance.network.report import Failure

SAVED = "etc/NetworkManager/system-connections"
VOLATILE = "run/NetworkManager/system-connections"
"""Where NetworkManager reads connections: for good, and until the power goes."""

OURS = "mofy-"
END = ".nmconnection"
JOIN_S = 30

TELLING: tuple[tuple[str, Failure, str], ...] = (
    ("secrets were required", "password", "the password is not the right one"),
    ("property is invalid", "password", "the password is not the right one"),
    ("could not be found", "out-of-reach", "it is not in reach"),
    ("no network with ssid", "out-of-reach", "it is not in reach"),
    ("ip configuration", "no-address", "it gave the box no address"),
    ("timeout", "out-of-reach", "it did not answer in time"),
    ("took too long", "out-of-reach", "it did not answer in time"),
    ("gives no answer", "out-of-reach", "it did not answer in time"),
)
"""What NetworkManager says, and what that means."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a Wi-Fi was not joined."""

    failure: Failure
    words: str


def join(nmcli: Nmcli, root: Path, device: str, ssid: str, password: str) -> Failed | None:
    """Try for half a minute; None when the box is in it. A failure leaves nothing behind. Raises NoManagerError."""
    try:
        _try(nmcli, root, device, ssid, password)
    except InputError as error:
        return Failed("unusable", str(error))
    except RefusedError as error:
        return told(ssid, str(error))
    except OSError as error:
        return Failed("other", f"{ssid}: {system_reason(error)}")
    return None


def told(ssid: str, words: str) -> Failed:
    """NetworkManager's words in ours."""
    for part, failure, meaning in TELLING:
        if part in words.lower():
            return Failed(failure, f"{ssid}: {meaning}")
    return Failed("other", f"{ssid}: {words}")


def again(nmcli: Nmcli, device: str, ssid: str) -> bool:
    """Try a known Wi-Fi; True when the box is in it. Raises NoManagerError."""
    for profile in nmcli.profiles():
        if profile.ssid == ssid and not profile.is_own:
            try:
                nmcli.up(profile.uuid, device, JOIN_S)
            except RefusedError:
                continue
            return True
    return False


def forget(nmcli: Nmcli, ssid: str) -> None:
    """Every connection to it; raises as Nmcli."""
    for profile in nmcli.profiles():
        if profile.ssid == ssid and not profile.is_own:
            nmcli.delete(profile.uuid)


def tidy(nmcli: Nmcli, root: Path) -> None:
    """What a try that the power cut off has left behind; raises as Nmcli."""
    for file in ours(root):
        text = file.read_text(encoding="utf-8", errors="replace")
        if "\nautoconnect=false\n" in text:
            nmcli.delete(_uuid(file))
            file.unlink(missing_ok=True)


def ours(root: Path) -> Iterator[Path]:
    """Files of the Wi-Fis that were joined by us."""
    folder = root / SAVED
    yield from sorted(folder.glob(f"{OURS}*{END}")) if folder.is_dir() else ()


def write(path: Path, text: str) -> None:
    """A connection's file, for root's eyes only: NetworkManager takes no other. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    whole_files.replace(path, text, mode=0o600, durable=True)


def _try(nmcli: Nmcli, root: Path, device: str, ssid: str, password: str) -> None:
    known = [one.uuid for one in nmcli.profiles() if one.ssid == ssid and not one.is_own]
    if known and not password:
        nmcli.up(known[0], device, JOIN_S)
        return
    sight = next((one for one in nmcli.sights(device, anew=True) if one.ssid == ssid), None)
    made = str(uuid.uuid4())
    text = profiles.joined(made, ssid, password, sight.security if sight else None)
    file = root / SAVED / f"{OURS}{made}{END}"
    try:
        write(file, text)
        nmcli.load(file)
        nmcli.up(made, device, JOIN_S)
        nmcli.connect_by_itself(made)
    except BaseException:
        nmcli.delete(made)
        file.unlink(missing_ok=True)
        raise
    for old in {_uuid(one) for one in ours(root)} & set(known):
        nmcli.delete(old)


def _uuid(file: Path) -> str:
    return file.name.removeprefix(OURS).removesuffix(END)

"""Connections as NetworkManager's key files: made as text, so that no password is ever on a command line."""

from __future__ import annotations

import re
from collections.abc import Mapping

from appliance.errors import InputError

MOST_SSID_BYTES = 32
OWN_ADDRESS = "10.42.0.1"
"""Of the box in its own network; mofy.dnsmasq.conf and mofy-portal.socket name it too."""

Section = Mapping[str, str]


def checked_ssid(ssid: str) -> str:
    """The name of a Wi-Fi; raises InputError for what cannot be one."""
    if not ssid or len(ssid.encode(errors="replace")) > MOST_SSID_BYTES or not ssid.isprintable():
        raise InputError(f"the name of a Wi-Fi has 1 to {MOST_SSID_BYTES} bytes of letters, this is none")
    return ssid


def checked_password(password: str) -> str:
    """The password of a Wi-Fi, empty for an open one; raises InputError, which does not repeat it."""
    fits = re.fullmatch(r"[ -~]{8,63}|[0-9A-Fa-f]{64}", password)
    if password and not fits:
        raise InputError("the password of a Wi-Fi has 8 to 63 letters, digits and signs of a plain keyboard")
    return password


def joined(uuid: str, ssid: str, password: str, security: str | None) -> str:
    """A Wi-Fi to join; security as in Sight, None for one that is not in sight. Raises InputError where we cannot."""
    wifi = {"mode": "infrastructure", "ssid": _bytes(ssid)} | ({"hidden": "true"} if security is None else {})
    head = {"id": _text(ssid), "uuid": uuid, "type": "wifi", "autoconnect": "false"}
    return _file({
        "connection": head, "wifi": wifi, "wifi-security": _lock(ssid, password, security),
        "ipv4": {"method": "auto"}, "ipv6": {"method": "auto"},
    })  # fmt: skip


def own(uuid: str, ssid: str, password: str) -> str:
    """The box's own Wi-Fi, with addresses for those who join it."""
    head = {"id": _text(ssid), "uuid": uuid, "type": "wifi", "autoconnect": "false"}
    # Plain WPA2 alone: the radio of a Raspberry Pi refuses to be an access point with anything newer.
    lock = {"key-mgmt": "wpa-psk", "proto": "rsn;", "pairwise": "ccmp;", "group": "ccmp;", "pmf": "1"}
    return _file({
        "connection": head, "wifi": {"mode": "ap", "band": "bg", "ssid": _bytes(ssid)},
        "wifi-security": lock | {"psk": _text(password)},
        "ipv4": {"method": "shared", "address1": f"{OWN_ADDRESS}/24"}, "ipv6": {"method": "ignore"},
    })  # fmt: skip


def cable(uuid: str, address: str, gateway: str = "") -> str:
    """A cable with an address of its own, preferred to what is known of cables otherwise."""
    head = {"id": "MOFY cable", "uuid": uuid, "type": "ethernet", "autoconnect-priority": "100"}
    ipv4 = {"method": "manual", "address1": f"{address},{gateway}" if gateway else address}
    return _file({"connection": head, "ipv4": ipv4, "ipv6": {"method": "auto"}})


def wifi_code(ssid: str, password: str) -> str:
    """What a phone's camera reads from a QR code to join a Wi-Fi."""
    name, word = (re.sub(r'([\\;,:"])', r"\\\1", text) for text in (ssid, password))
    return f"WIFI:T:WPA;S:{name};P:{word};;"


def _lock(ssid: str, password: str, security: str | None) -> Section:
    kinds = set((security or "").upper().split())
    if "802.1X" in kinds:
        raise InputError(f"{ssid}: asks for a user name besides the password, which this page cannot give")
    if kinds and not kinds & {"WPA1", "WPA2", "WPA3"} and kinds != {"OWE"}:
        raise InputError(f"{ssid}: its encryption ({security}) is too old to be used")
    if not password:
        if kinds & {"WPA1", "WPA2", "WPA3"}:
            raise InputError(f"{ssid}: asks for a password")
        return {"key-mgmt": "owe"} if kinds == {"OWE"} else {}
    only_newest = "WPA3" in kinds and not kinds & {"WPA1", "WPA2"}
    return {"key-mgmt": "sae" if only_newest else "wpa-psk", "psk": _text(password)}


def _file(sections: Mapping[str, Section]) -> str:
    made = [f"[{name}]\n" + "".join(f"{k}={v}\n" for k, v in rows.items()) for name, rows in sections.items() if rows]
    return "\n".join(made)


def _bytes(text: str) -> str:
    return "".join(f"{byte};" for byte in text.encode())


def _text(value: str) -> str:
    """As GKeyFile reads it: a backslash is one only when there are two, and spaces at the ends would be lost."""
    return re.sub(r"^ +| +$", lambda spaces: "\\s" * len(spaces[0]), value.replace("\\", "\\\\"))

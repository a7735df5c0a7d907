#!/usr/bin/env python3
"""nmcli, as far as we use it, over a world in a file: words, columns, errors and exit codes are those of 1.42.

It refuses whatever it does not know, connection files that NetworkManager would refuse, and a secret among its words.
"""

import configparser
import fcntl
import json
import os
import pathlib
import re
import sys

REPORT = ("-t", "-e", "yes", "-f")
SHOWN = "connection.uuid,802-11-wireless.ssid,802-11-wireless.mode"
AROUND = ("device", "wifi", "list", "ifname", "(.+)", "--rescan", "(yes|no)")


def main(words):
    code, out, err = said(words)
    sys.stdout.write(out)
    sys.stderr.write(err)
    sys.exit(code)


def said(words):
    """(exit code, standard output, standard error), within whatever process asks."""
    path = pathlib.Path(os.environ["FAKE_NMCLI"])
    with pathlib.Path(f"{path}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        world = json.loads(path.read_text())
        world["calls"].append(words)
        code, out, err = (*obeyed(world, words), "", "")[:3]
        path.write_text(json.dumps(world))
    return code, out, f"{err}\n" if err else ""


def obeyed(world, words):
    if any(air["password"] and air["password"] in " ".join(words) for air in world["air"].values()):
        return 2, "", "Error: a secret on the command line."
    if not world["running"]:
        return 8, "", "Error: NetworkManager is not running."
    connect_by_itself(world)
    for pattern, deed in DEEDS:
        if match := re.fullmatch(pattern, "\x1f".join(words)):
            return deed(world, *match.groups())
    return 2, "", f"Error: not understood: {words}"


def escaped(*cells):
    return ":".join(cell.replace("\\", "\\\\").replace(":", "\\:") for cell in cells) + "\n"


def connect_by_itself(world):
    for device in world["devices"].values():
        if device["state"] == "disconnected" and not device.get("held"):
            for uuid, profile in world["profiles"].items():
                if profile["autoconnect"] and why_not(world, device, profile) is None:
                    device.update(state="connected", uuid=uuid)


def why_not(world, device, profile):
    if profile["type"] != device["type"]:
        return f"No suitable device found for this connection (device {device} not available)."
    if profile["type"] == "ethernet" or profile["mode"] == "ap":
        return None
    air = world["air"].get(profile["ssid"])
    if air is None:
        return "The Wi-Fi network could not be found"
    if air["password"] != profile["psk"]:
        return "Secrets were required, but not provided"
    return (
        None
        if air.get("dhcp", True)
        else ("IP configuration could not be reserved (no available address, timeout, etc.)")
    )


def status(world):
    rows = ((n, d["type"], d["state"], d["uuid"]) for n, d in world["devices"].items())
    return 0, "".join(escaped(*row) for row in rows)


def profiles(world):
    kinds = {"wifi": "802-11-wireless", "ethernet": "802-3-ethernet"}
    return 0, "".join(escaped(uuid, kinds[one["type"]]) for uuid, one in world["profiles"].items())


def shown(world, uuids):
    blocks = []
    for uuid in uuids.split("\x1f"):
        one = world["profiles"][uuid]
        named = (
            ("connection.uuid", uuid),
            ("802-11-wireless.ssid", one["ssid"]),
            ("802-11-wireless.mode", one["mode"]),
        )
        blocks.append("".join(f"{name}:{value}\n" for name, value in named))
    return 0, "\n".join(blocks)


def sights(world, device, rescan):
    if device not in world["devices"]:
        return 10, "", f"Error: Device '{device}' not found."
    rows = ((ssid, str(air["signal"]), air["security"]) for ssid, air in world["air"].items())
    return 0, "".join(escaped(*row) for row in rows)


def addresses(world, device):
    one = world["devices"][device]
    profile = world["profiles"].get(one["uuid"], {})
    if "foreign" in one:
        return 0, f"IP4.ADDRESS[1]:{one['foreign']}\n"
    return 0, f"IP4.ADDRESS[1]:{profile.get('address') or '192.168.1.5/24'}\n" if profile else ""


def plain(value):
    """As GKeyFile unescapes it."""
    return re.sub(r"\\(.)", lambda found: {"s": " "}.get(found[1], found[1]), value)


def load(world, file):
    path = pathlib.Path(file)
    if path.stat().st_mode & 0o177:
        return 1, "", f"Error: {file}: permissions are too open"
    keys = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=("#",), strict=True)
    keys.optionxform = str
    keys.read_string(path.read_text())
    head, wifi = keys["connection"], keys["wifi"] if keys.has_section("wifi") else {}
    psk = keys["wifi-security"].get("psk", "") if keys.has_section("wifi-security") else ""
    ssid = wifi.get("ssid", "")
    world["profiles"][head["uuid"]] = {
        "type": head["type"], "ssid": bytes(int(b) for b in ssid.split(";") if b).decode(), "file": file,
        "mode": wifi.get("mode", "infrastructure"), "psk": plain(psk),
        "autoconnect": head.get("autoconnect", "true") == "true",
        "address": keys["ipv4"].get("address1", "").split(",")[0],
    }  # fmt: skip
    return 0, ""


def up(world, seconds, uuid, name):
    device, profile = world["devices"].get(name), world["profiles"].get(uuid)
    if profile is None:
        return 10, "", f"Error: unknown connection '{uuid}'."
    if device is None or device["state"] in ("unavailable", "unmanaged"):
        return 4, "", "Error: Connection activation failed: No suitable device found for this connection."
    why = why_not(world, device, profile)
    device.update(state="disconnected" if why else "connected", uuid="" if why else uuid)
    return (
        (4, "", f"Error: Connection activation failed: {why}.") if why else (0, "Connection successfully activated\n")
    )


def down(world, uuid):
    for device in world["devices"].values():
        if device["uuid"] == uuid:
            device.update(state="disconnected", uuid="")
            return 0, ""
    return 10, "", f"Error: '{uuid}' is not an active connection."


def delete(world, uuid):
    down(world, uuid)
    gone = world["profiles"].pop(uuid, None)
    if gone is None:
        return 10, "", f"Error: unknown connection '{uuid}'."
    pathlib.Path(gone["file"]).unlink(missing_ok=True)
    return 0, ""


def autoconnect(world, uuid):
    world["profiles"][uuid]["autoconnect"] = True
    path = pathlib.Path(world["profiles"][uuid]["file"])
    path.write_text(path.read_text().replace("autoconnect=false\n", ""))
    return 0, ""


def radio(world):
    for device in world["devices"].values():
        if device["type"] == "wifi" and device["state"] == "unavailable":
            device["state"] = "disconnected"
    return 0, ""


def words(*parts):
    return "\x1f".join(parts)


DEEDS = (
    (words(*REPORT, "DEVICE,TYPE,STATE,CON-UUID", "device", "status"), status),
    (words(*REPORT, "UUID,TYPE", "connection", "show"), profiles),
    (
        words("-t", "-f", SHOWN, "connection", "show", "(.+)"),
        shown,
    ),
    (
        words(*REPORT, "SSID,SIGNAL,SECURITY", *AROUND),
        sights,
    ),
    (words("-t", "-f", "IP4.ADDRESS", "device", "show", "(.+)"), addresses),
    (words("connection", "load", "(.+)"), load),
    (words("--wait", r"(\d+)", "connection", "up", "uuid", "([^\x1f]+)", "ifname", "([^\x1f]+)"), up),
    (words("connection", "down", "uuid", "(.+)"), down),
    (words("connection", "delete", "uuid", "(.+)"), delete),
    (words("connection", "modify", "uuid", "([^\x1f]+)", "connection.autoconnect", "yes"), autoconnect),
    (words("radio", "wifi", "on"), radio),
)

if __name__ == "__main__":
    main(sys.argv[1:])

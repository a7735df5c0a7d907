"""The files that a release puts into the system: all of them its own, none of anybody else's is changed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from appliance import whole_files
from appliance.box.places import Places
from appliance.errors import InputError
from appliance.store import sealing

FOLDERS: Mapping[str, str] = {
    ".service": "etc/systemd/system",
    ".target": "etc/systemd/system",
    ".socket": "etc/systemd/system",
    ".timer": "etc/systemd/system",
    ".path": "etc/systemd/system",
    ".sysusers.conf": "etc/sysusers.d",
    ".tmpfiles.conf": "etc/tmpfiles.d",
    ".avahi.xml": "etc/avahi/services",
    ".mosquitto.conf": "etc/mosquitto/conf.d",
    ".networkmanager.conf": "etc/NetworkManager/conf.d",
    ".dnsmasq.conf": "etc/NetworkManager/dnsmasq-shared.d",
}
"""End of a file's name in a release's systemd folder to where the system looks for it."""

SHORTENED = {".sysusers.conf": ".conf", ".tmpfiles.conf": ".conf", ".mosquitto.conf": ".conf",
             ".avahi.xml": ".service", ".networkmanager.conf": ".conf",
             ".dnsmasq.conf": ".conf"}  # fmt: skip

SEALED_KEYS = b"LoadCredentialEncrypted="
"""An option of units that systemd knows since its version 250; Ubuntu 22.04 has an older one."""

COMMAND = "usr/local/bin/mofy"
"""The link by which a person at the box finds the program."""


def targets(release: Path, places: Places) -> dict[Path, bytes]:
    """Where each file of the release's systemd folder goes, and what it holds; raises InputError for one unknown."""
    found = {}
    for path in sorted((release / "systemd").iterdir()):
        end = max((end for end in FOLDERS if path.name.endswith(end)), key=len, default=None)
        if end is None:
            raise InputError(f"{path}: nothing is known of such a file; {', '.join(FOLDERS)} were expected")
        name = path.name.removesuffix(end) + SHORTENED.get(end, end)
        found[places.root / FOLDERS[end] / name] = _fit(path.read_bytes())
    return found


def _fit(content: bytes) -> bytes:
    """Without what a systemd that cannot open sealed keys would complain of at every start."""
    if sealing.possible():
        return content
    return b"".join(line for line in content.splitlines(keepends=True) if not line.startswith(SEALED_KEYS))


def place(release: Path, places: Places) -> list[Path]:
    """Put them there, remove those of a release before that this one lacks; returns what changed."""
    wanted = targets(release, places)
    there = placed(places)
    changed = [path for path in there if path not in wanted]
    # Before the first of them: whenever the power goes, none is in the system that is not in the list.
    _write_list(places, dict.fromkeys((*there, *wanted)))
    for path in changed:
        path.unlink(missing_ok=True)
    for path, content in wanted.items():
        if not path.is_file() or path.read_bytes() != content:
            write(path, content)
            changed.append(path)
    _write_list(places, wanted)
    command = places.root / COMMAND
    if not command.is_symlink():
        command.parent.mkdir(parents=True, exist_ok=True)
        command.symlink_to(places.current / ".venv/bin/mofy")
        changed.append(command)
    return changed


def placed(places: Places) -> list[Path]:
    """What is in the system of ours."""
    try:
        lines = _list(places).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [places.root / line for line in lines if line]


def remove(places: Places) -> list[Path]:
    """Take them away again; returns what went."""
    gone = [path for path in (*placed(places), places.root / COMMAND, _list(places)) if os.path.lexists(path)]
    for path in gone:
        path.unlink()
    return gone


def write(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace a file whole, durably; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole_files.replace(path, content, mode=mode, durable=True)


def options(defaults: str, broker: str = "") -> str:
    """default.toml as a file for the owner: every option with its comment, none set but the broker, if any."""
    lines = ["# The options of this box. Take the # away from what you change; `mofy doctor` checks it.", ""]
    for line in defaults.splitlines()[2:]:
        is_option = bool(line) and not line.startswith(("[", "#"))
        if broker and line.startswith("broker = "):
            lines.append(f'broker = "{broker}"')
        else:
            lines.append(f"# {line}" if is_option else line)
    return "\n".join(lines).strip() + "\n"


def _write_list(places: Places, paths: Iterable[Path]) -> None:
    content = "".join(f"{path.relative_to(places.root)}\n" for path in paths).encode()
    if not _list(places).is_file() or _list(places).read_bytes() != content:
        write(_list(places), content)


def _list(places: Places) -> Path:
    return places.home / "system-files"

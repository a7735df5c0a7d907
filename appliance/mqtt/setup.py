"""A broker for the box: its configuration, passwords, access list and certificates, as files that mosquitto reads.

Made again it keeps passwords and authority, so that nobody must be told anew; names and addresses are those of now.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from appliance import whole_files
from appliance.errors import InputError, system_reason
from appliance.mqtt import certificates
from appliance.mqtt.broker import PLAIN_PORT, TLS_PORT
from appliance.network import naming
from appliance.network.own import read as read_own
from appliance.store.ownership import like_folder

USERS = ("mofy", "home", "watch")
"""The box itself, whoever steers, whoever only looks."""

PASSWORD = "mqtt-password"
"""The box's own, in the data folder, where the agent looks for it."""

MAKER = "mosquitto_passwd"
GROUP = "mosquitto"
HERE = Path(__file__).parent

_write = partial(whole_files.replace, durable=True)


@dataclass(frozen=True, slots=True)
class Made:
    """What was made, for a person to be told."""

    folder: Path
    configuration: Path
    passwords: dict[str, str]
    """By user."""
    names: tuple[str, ...]
    """That the certificate is for."""


def setup(
    folder: Path,
    data: Path,
    configuration: Path | None = None,
    ports: tuple[int, int] = (PLAIN_PORT, TLS_PORT),
    anew: bool = False,
) -> Made:
    """Make all of it; raises InputError. configuration: where mosquitto includes it from. anew: new secrets."""
    program = shutil.which(MAKER)
    if program is None:
        raise InputError(f"{MAKER} is missing: install mosquitto, and run this again")
    place = configuration or folder / "mosquitto.conf"
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True)
            # The broker is another user, whatever the caller's umask.
            folder.chmod(0o755)
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        passwords = {user: _password(folder / f"password-{user}", anew) for user in USERS}
        _write(data / PASSWORD, passwords["mofy"] + "\n", mode=0o600)
        like_folder(data / PASSWORD)
        _hash(program, folder / "passwords", passwords)
        names = _certificates(folder, data, anew)
        _shared(folder / "acl", (HERE / "acl").read_bytes())
        text = (HERE / "mosquitto.conf").read_text(encoding="utf-8")
        text = text.replace("{folder}", str(folder.absolute())).replace("{port}", str(ports[0]))
        _write(place, text.replace("{tls_port}", str(ports[1])), mode=0o644)
    except OSError as error:
        raise InputError(f"{error.filename or folder}: cannot be made ({system_reason(error)})") from None
    return Made(folder, place, passwords, names)


def _password(path: Path, anew: bool) -> str:
    if path.exists() and not anew:
        kept = path.read_text(encoding="utf-8").strip()
        if kept:
            return kept
    made = secrets.token_urlsafe(15)
    _write(path, made + "\n", mode=0o600)
    return made


def _hash(program: str, path: Path, passwords: dict[str, str]) -> None:
    """mosquitto's own program makes the hashes, of a file that nobody else sees: a command line would be seen."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        _write(draft, "".join(f"{user}:{word}\n" for user, word in passwords.items()), mode=0o600)
        done = subprocess.run([program, "-U", str(draft)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise InputError(f"{MAKER}: {(done.stderr or done.stdout).strip().splitlines()[0]}")
        _shared(path, draft.read_bytes())
    finally:
        draft.unlink(missing_ok=True)


def _certificates(folder: Path, data: Path, anew: bool) -> tuple[str, ...]:
    """The broker's certificate and its authority's; the names it is for."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    ca_path, ca_key_path = folder / "ca.pem", folder / "ca-key.pem"
    if anew or not (ca_path.exists() and ca_key_path.exists()):
        ca_key = certificates.new_key()
        _write(ca_key_path, certificates.pem_of_key(ca_key), mode=0o600)
        _write(ca_path, certificates.pem_of(certificates.authority(ca_key)), mode=0o644)
    try:
        ca = x509.load_pem_x509_certificate(ca_path.read_bytes())
        loaded = load_pem_private_key(ca_key_path.read_bytes(), None)
    except ValueError:
        raise InputError(f"{ca_path}: is damaged; --new makes another, which clients must then be given") from None
    assert isinstance(loaded, EllipticCurvePrivateKey)
    names, key = _names(data), certificates.new_key()
    _shared(folder / "key.pem", certificates.pem_of_key(key))
    certificate = certificates.for_names(names, key, ca, loaded)
    _write(folder / "certificate.pem", certificates.pem_of(certificate), mode=0o644)
    return tuple(names)


def _names(data: Path) -> list[str]:
    """All that this machine is called and reached by."""
    import psutil

    host = socket.gethostname()
    own = read_own(data)
    found = [host, f"{host.partition('.')[0]}.local", *naming.names(own.name if own else ""), "localhost"]
    for interface in psutil.net_if_addrs().values():
        found += [one.address for one in interface if one.family in (socket.AF_INET, socket.AF_INET6)]
    return list(dict.fromkeys(name for name in found if "%" not in name))


def _shared(path: Path, content: bytes) -> None:
    """For the broker's user to read, and nobody else but the owner."""
    _write(path, content, mode=0o600)
    if os.geteuid() == 0:
        with suppress(LookupError):
            shutil.chown(path, group=GROUP)
            path.chmod(0o640)

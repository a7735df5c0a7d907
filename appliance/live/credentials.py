"""What viewers must know, and what encrypts their streams: small files in the data folder, made when first needed."""

from __future__ import annotations

import contextlib
import ipaddress
import secrets
import socket
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from appliance.errors import ConfigError, system_reason
from appliance.options import Rtsp
from appliance.sinks import Login
from appliance.store.ownership import keep_from_others, make_once

PASSWORD = "rtsp-password"
CERTIFICATE = "rtsp-certificate.pem"

VALID_FROM, VALID_UNTIL = datetime(2020, 1, 1, tzinfo=timezone.utc), datetime(2050, 1, 1, tzinfo=timezone.utc)
"""Long both ways: a box without a battery does not know the time when it starts."""


def login(options: Rtsp, data: Path) -> Login | None:
    """Whom to let watch; None lets anybody. Raises ConfigError for a password that cannot be kept or used."""
    if options.authentication == "off" or (options.authentication == "auto" and is_loopback(options.address)):
        return None
    path = data / PASSWORD
    password = keep_secret(path, lambda: secrets.token_urlsafe() + "\n").strip()
    if not password or not password.isascii() or not password.isprintable():
        raise ConfigError(f"{path}: a line of plain letters and digits was expected; remove it, and a new one is made")
    return Login(options.user, password)


def certificate(options: Rtsp, data: Path) -> Path | None:
    """The PEM file of certificate and key; None where streams are not encrypted. Raises ConfigError."""
    if not options.tls:
        return None
    if options.certificate:
        return Path(options.certificate)
    return self_made(data / CERTIFICATE)


def self_made(path: Path) -> Path:
    """The PEM file of a key and a certificate for this machine's names, made if missing; raises ConfigError."""
    keep_secret(path, _self_made)
    return path


def fingerprint(path: Path) -> str:
    """SHA-256 of the certificate in a PEM file, as browsers show it: pairs of hex digits; raises ConfigError."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    try:
        text = path.read_bytes()
        found = x509.load_pem_x509_certificate(text[text.index(b"-----BEGIN CERTIFICATE") :])
    except (OSError, ValueError):
        raise ConfigError(f"{path}: a PEM file with a certificate was expected") from None
    return found.fingerprint(hashes.SHA256()).hex(":").upper()


def is_loopback(address: str) -> bool:
    """True for an address that only this machine can reach."""
    try:
        return address == "localhost" or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def keep_secret(path: Path, make: Callable[[], str]) -> str:
    """The file's text; the file is made, for its owner alone, if it is missing, and never replaced."""
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            make_once(path, make().encode())
        keep_from_others(path)
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be kept or read ({system_reason(error)})") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is no text; remove it, and a new one is made") from None


def _self_made() -> str:
    """PEM of a new key and a certificate for every name this machine has for itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    host = socket.gethostname()
    # A name on a certificate holds 64 characters at most; a network name may be longer.
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"MOFY {host}"[:64])])
    names: list[x509.GeneralName] = []
    for name in (host, f"{host}.local", "localhost"):
        # A machine may call itself what no certificate can say.
        with contextlib.suppress(UnicodeError, ValueError):
            names.append(x509.DNSName(name.encode("idna").decode()))
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in ("127.0.0.1", "::1")]
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID_FROM)
        .not_valid_after(VALID_UNTIL)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (private + built.public_bytes(serialization.Encoding.PEM)).decode()

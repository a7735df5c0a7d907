"""Certificates for a broker of ours: an authority of its own, and what it signs."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from appliance.live.credentials import VALID_FROM, VALID_UNTIL

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

LONGEST_NAME = 64
"""Characters of a name on a certificate; one of the network may be longer."""


def new_key() -> EllipticCurvePrivateKey:
    """A private key."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def authority(key: EllipticCurvePrivateKey) -> x509.Certificate:
    """A certificate that signs others."""
    from cryptography import x509

    host = socket.gethostname()
    return _signed(f"MOFY broker's authority, {host}", key, key, None, x509.BasicConstraints(True, 0), ())


def for_names(
    names: Sequence[str], key: EllipticCurvePrivateKey, ca: x509.Certificate, ca_key: EllipticCurvePrivateKey
) -> x509.Certificate:
    """A certificate for a machine of these names and addresses, or for a client if there are none."""
    from cryptography import x509

    subject = names[0] if names else "mofy"
    return _signed(subject, key, ca_key, ca, x509.BasicConstraints(False, None), names)


def pem_of_key(key: EllipticCurvePrivateKey) -> bytes:
    """The key as a PEM file."""
    from cryptography.hazmat.primitives import serialization as form

    return key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())


def pem_of(certificate: x509.Certificate) -> bytes:
    """The certificate as a PEM file."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def _signed(
    subject: str,
    key: EllipticCurvePrivateKey,
    signing: EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    constraints: x509.BasicConstraints,
    names: Sequence[str],
) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    called = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject[:LONGEST_NAME])])
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(issuer.subject if issuer else called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID_FROM)
        .not_valid_after(VALID_UNTIL)
        .add_extension(constraints, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
    )
    if told := _told(names):
        made = made.add_extension(x509.SubjectAlternativeName(told), critical=False)
    return made.sign(signing, hashes.SHA256())


def _told(names: Sequence[str]) -> list[x509.GeneralName]:
    from cryptography import x509

    told: list[x509.GeneralName] = []
    for name in names:
        try:
            told.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            # A machine may call itself what no certificate can say.
            with suppress(UnicodeError, ValueError):
                told.append(x509.DNSName(name.encode("idna").decode()))
    return told

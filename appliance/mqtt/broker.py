"""Which broker, and how to be let in; and what made it refuse, in words."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import ConfigError

PLAIN_PORT, TLS_PORT = 1883, 8883

CLOCK = "is this machine's clock right?"

VERIFY_WORDS = {
    9: f"its certificate is not valid yet: {CLOCK}",
    10: f"its certificate has expired: {CLOCK}",
    62: "its certificate is for another name: use the name that is in it",
    64: "its certificate is for another address: use the name or address that is in it",
}
"""OpenSSL's X509_V_ERR codes that a person can do something about."""

TLS_WORDS = {
    "WRONG_VERSION_NUMBER": "does not speak TLS on this port",
    "CERTIFICATE_REQUIRED": "asks for a client certificate",
    "UNKNOWN_CA": "does not know who signed this box's certificate",
    "BAD_CERTIFICATE": "does not accept this box's certificate",
    "CERTIFICATE_EXPIRED": f"says that this box's certificate has expired: {CLOCK}",
    "CERTIFICATE_REVOKED": "says that this box's certificate was revoked",
}
"""Parts of OpenSSL's reasons."""

REFUSALS = {
    "Bad user name or password": "does not accept user and password",
    "Not authorized": "does not accept user and password",
    "Client identifier not valid": "does not accept this client's name",
    "Banned": "has banned this client",
    "Session taken over": "knows another client of the same name: was a data folder copied?",
}
"""Answers that will not change by themselves, and what they mean."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where a broker is, and who we are there. A password is never in a representation, hence never in a log."""

    host: str
    port: int = PLAIN_PORT
    user: str | None = None
    password_file: Path | None = None
    """A file of one line; read at each attempt, so that a new password needs no restart."""
    tls: bool = False
    ca: Path | None = None
    """PEM of who signs the broker's certificate; None trusts whom the system trusts."""
    certificate: Path | None = None
    """PEM of our own certificate, where the broker asks for one."""
    key: Path | None = None
    """PEM of its key; None: it is in the certificate's file."""
    keepalive_s: int = 20

    def password(self) -> str | None:
        """The password in the file; raises ConfigError when it cannot be read."""
        if self.password_file is None:
            return None
        try:
            text = self.password_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"{self.password_file}: the broker's password cannot be read ({_reason(error)})"
            ) from None
        if not text:
            raise ConfigError(f"{self.password_file}: is empty; one line with the broker's password was expected")
        return text

    def context(self) -> ssl.SSLContext | None:
        """What TLS is to check and show; None without TLS. Raises ConfigError naming the file that cannot be used."""
        if not self.tls:
            return None
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.ca is not None:
            # The given authority only: a broker at home is nobody that the public ones could vouch for.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            with _file(self.ca, "a PEM file of certificates"):
                context.load_verify_locations(self.ca)
        if self.certificate is not None:
            with _file(self.certificate, "PEM files of a certificate and its key"):
                # Never ask at a terminal for the passphrase of a locked key.
                context.load_cert_chain(self.certificate, self.key, password=lambda: "")
        return context

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def told(error: Exception) -> str:
    """Why there is no connection, as what the broker does: "refuses connections"."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return VERIFY_WORDS.get(error.verify_code, f"cannot be trusted: {error.verify_message}")
    if isinstance(error, socket.gaierror):
        return "is a name that nobody knows; check it and the network"
    if isinstance(error, ConnectionRefusedError):
        return "has no broker that answers"
    if isinstance(error, ConnectionResetError):
        return "hangs up; perhaps this port is with TLS and we are without, or the other way round"
    if isinstance(error, TimeoutError):
        return "does not answer"
    return tls_words(str(error)) or _reason(error)


def refusal_words(answer: str) -> str | None:
    """What a broker's refusal means; None for an answer that may be another one soon."""
    return REFUSALS.get(answer)


def tls_words(reason: str) -> str | None:
    """What a reason of OpenSSL means; None when it means nothing to a person."""
    return next((words for sign, words in TLS_WORDS.items() if sign in reason.upper().replace(" ", "_")), None)


@contextmanager
def _file(path: Path, expected: str) -> Iterator[None]:
    """A block that uses a file for TLS: whatever is wrong with it is a ConfigError of one line."""
    try:
        yield
    except (ssl.SSLError, ValueError):
        raise ConfigError(f"{path}: cannot be used; {expected} was expected") from None
    except OSError as error:
        raise ConfigError(f"{error.filename or path}: cannot be read ({_reason(error)})") from None


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()

"""Cookies that outlive a clock: a box has no battery, and may wake up before the moment at which it signed them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer

FAR = datetime(2100, 1, 1, tzinfo=timezone.utc)
"""When the browser may forget it, by a clock that is not ours: the box counts by what it signed."""


class PatientSigner(TimestampSigner):
    """Says how old a signature is; one of the future is new."""

    def unsign(self, signed_value: Any, max_age: int | None = None, return_timestamp: bool = False) -> Any:
        """As TimestampSigner; raises SignatureExpired for what is too old only."""
        value, signed_at = super().unsign(signed_value, return_timestamp=True)
        if max_age is not None and self.get_timestamp() - signed_at.timestamp() > max_age:
            raise SignatureExpired("too old", payload=value, date_signed=signed_at)
        return (value, signed_at) if return_timestamp else value


class Sessions(SecureCookieSessionInterface):
    """Flask's sessions, told by that signer."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The usual one, but for who looks at its age."""
        usual = super().get_signing_serializer(app)
        if usual is not None:
            usual.signer = PatientSigner
        return usual

    def get_expiration_time(self, app: Flask, session: SessionMixin) -> datetime | None:
        """Never by the browser's clock, for a session that is to stay."""
        return FAR if session.permanent else None

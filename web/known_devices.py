"""Browsers that were let in before: strangers' guesses at the PIN do not make them wait."""

from __future__ import annotations

import secrets

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from web import ledger
from web.sessions import PatientSigner

COOKIE = "mofy-known"
KEPT_S = 365 * 24 * 3600


def is_known() -> bool:
    """True when the browser at hand shows our own mark."""
    return _mark() is not None


def source() -> str:
    """By what the guesses of the browser at hand are counted: its mark, else where it is.

    Strangers may be where it is: a whole network can have one address, and its guests would lock the owner out.
    """
    mark = _mark()
    return ledger.source_of(request.remote_addr or "") if mark is None else f"phone {mark}"


def remember(response: Response) -> None:
    """Mark the browser."""
    mark = _signer().dumps(secrets.token_hex(8))
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(COOKIE, mark, max_age=KEPT_S, samesite="Strict", httponly=True, secure=secure)


def _mark() -> str | None:
    try:
        return str(_signer().loads(request.cookies.get(COOKIE, ""), max_age=KEPT_S))
    except BadData:
        return None


def _signer() -> URLSafeTimedSerializer:
    assert isinstance(current_app.secret_key, bytes)
    return URLSafeTimedSerializer(current_app.secret_key, salt="known-device", signer=PatientSigner)

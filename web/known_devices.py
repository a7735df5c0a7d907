"""Browsers that were let in before: strangers' guesses at the PIN do not make them wait."""

from __future__ import annotations

import secrets

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

COOKIE = "mofy-known"
KEPT_S = 365 * 24 * 3600


def is_known() -> bool:
    """True when the browser at hand shows our own mark."""
    try:
        _signer().loads(request.cookies.get(COOKIE, ""), max_age=KEPT_S)
    except BadData:
        return False
    return True


def remember(response: Response) -> None:
    """Mark the browser."""
    mark = _signer().dumps(secrets.token_hex(8))
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(COOKIE, mark, max_age=KEPT_S, samesite="Strict", httponly=True, secure=secure)


def _signer() -> URLSafeTimedSerializer:
    assert isinstance(current_app.secret_key, bytes)
    return URLSafeTimedSerializer(current_app.secret_key, salt="known-device")

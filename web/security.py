"""Who may ask, what a browser may do with the answers, and that only our own pages change anything.

There is no login yet: whoever asks must be on this machine and mean it, and must not be another site's page.
"""

from __future__ import annotations

import ipaddress
import re

from flask import Flask, Response, abort, request
from flask_wtf.csrf import CSRFProtect

MOST_BYTES = 64 * 1024
"""Of a request: forms of buttons are all there is to send."""

HEADERS = {
    "Content-Security-Policy": "; ".join((
        "default-src 'none'", "img-src 'self' blob:", "style-src 'self'", "script-src 'self'", "connect-src 'self'",
        "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    )),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}  # fmt: skip


def guard(app: Flask) -> None:
    """Put the checks before, and the headers after, everything that the application does."""
    app.config.update(
        MAX_CONTENT_LENGTH=MOST_BYTES,
        SESSION_COOKIE_NAME="mofy",
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_HTTPONLY=True,
        # "Cover everyone" must work on a page that has lain open for hours.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.before_request(_refuse_strangers)
    CSRFProtect(app)
    app.after_request(_restrict)


def _refuse_strangers() -> None:
    if not _means_this_machine(request.headers.get("Host", "")):
        abort(400, "this page answers to localhost only")
    # Absent in old browsers and in programs; where it is there, a page cannot forge it.
    asked_from = request.headers.get("Sec-Fetch-Site", "none")
    to_look = request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate"
    if asked_from not in ("same-origin", "none") and not to_look:
        abort(403, "asked by a page of another site")


def _means_this_machine(host: str) -> bool:
    """True for a Host header that only a browser on this machine uses; any other name is DNS that points here."""
    name = re.sub(r":\d*$", "", host).strip("[]").lower()
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _restrict(response: Response) -> Response:
    response.headers.update(HEADERS)
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response

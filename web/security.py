"""By which names the box may be asked, what a browser may do with the answers, and who may send forms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, Response, abort, request
from flask_wtf.csrf import CSRFProtect

from web import access, limits
from web.box import box_of
from web.hosts import Hosts
from web.sessions import Sessions

HEADERS = {
    "Content-Security-Policy": "; ".join((
        "default-src 'none'", "img-src 'self' blob:", "style-src 'self'", "script-src 'self'", "connect-src 'self'",
        "media-src 'self'", "manifest-src 'self'",
        "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    )),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Serving:
    """How the page can be reached."""

    network: bool = False
    """False when it listens to this machine alone."""
    tls: bool = False
    names: tuple[str, ...] = ()
    """What else it is called, beside the machine's own names and addresses."""


def guard(app: Flask, serving: Serving) -> None:
    """Put the checks before, and the headers after, everything that the application does."""
    app.config.update(
        MAX_CONTENT_LENGTH=limits.FORM_BYTES,
        SESSION_COOKIE_NAME="mofy",
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=serving.tls,
        PERMANENT_SESSION_LIFETIME=timedelta(seconds=access.KEPT_S),
        # "Cover everyone" must work on a page that has lain open for hours.
        WTF_CSRF_TIME_LIMIT=None,
        # Checked by the cookie's SameSite and Sec-Fetch-Site; a proxy may hide the Referer.
        WTF_CSRF_SSL_STRICT=False,
    )
    app.session_interface = Sessions()
    known = Hosts(serving.network, serving.names, box_of(app).data)
    app.before_request(lambda: _refuse_strangers(known))
    app.before_request(limits.weigh)
    app.after_request(_restrict)


def check_forms(app: Flask) -> None:
    """Take forms only from pages of ours; goes after the login's check, which has more to say to a stranger."""
    CSRFProtect(app)


def _refuse_strangers(known: Hosts) -> None:
    if not known.mean_this_box(request.headers.get("Host", "")):
        abort(400, "this page is not called by that name; ask for it by the box's own name or address")
    # Absent in old browsers and in programs; where it is there, a page cannot forge it.
    asked_from = request.headers.get("Sec-Fetch-Site", "none")
    to_look = request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate"
    if asked_from not in ("same-origin", "none") and not to_look:
        abort(403, "asked by a page of another site")


def _restrict(response: Response) -> Response:
    response.headers.update(HEADERS)
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response

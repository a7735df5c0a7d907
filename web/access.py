"""Who may see what. Nobody sees anything unless a view says so: without a word it is for operators alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, flash, g, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from appliance.errors import StoreError
from web import guests, pin
from web.box import box
from web.visitor import Role, Visitor

KEPT_S = 180 * 24 * 3600
"""How long a phone that was let in stays so."""

_View = TypeVar("_View", bound=Callable[..., Any])
MARK = "_mofy_open_to"
_VOUCHERS = "mofy-vouchers"


def open_to(*roles: Literal["operator", "guest", "everybody"]) -> Callable[[_View], _View]:
    """Say of a view who may ask it; goes under the route's decorator. Everybody needs no login."""

    def mark(view: _View) -> _View:
        setattr(view, MARK, frozenset(roles))
        return view

    return mark


def guard(app: Flask) -> None:
    """Let nobody past who may not; goes before everything that answers."""
    app.before_request(_let_in)
    app.extensions.setdefault(_VOUCHERS, [])
    app.context_processor(lambda: {"visitor": visitor(), "home": home})


def vouch(app: Flask, voucher: Callable[[], Visitor | None]) -> None:
    """Another way to be let in than the cookie: who the request at hand is from, or None (an API's token)."""
    app.extensions.setdefault(_VOUCHERS, []).append(voucher)


def visitor() -> Visitor | None:
    """Whom the request at hand is from; None for somebody who is not let in."""
    if "visitor" not in g:
        g.visitor = _recognised()
    found: Visitor | None = g.visitor
    return found


def somebody() -> Visitor:
    """The same where nobody else gets; answers 401 for a stranger all the same."""
    found = visitor()
    if found is None:
        abort(401)
    return found


def admit(role: Role, link: str = "", epoch: int | None = None) -> None:
    """Remember in the browser that it was let in; raises StoreError.

    epoch: which generation of logins counted as its PIN was looked at; None: the one of now.
    """
    wanted = session.get("wanted")
    session.clear()
    session.permanent = True
    session.update(role=role, epoch=pin.epoch(box().data) if epoch is None else epoch, since=time.time(), link=link)
    if wanted and role == "operator":
        session["wanted"] = wanted
    g.pop("visitor", None)


def dismiss() -> None:
    """Forget it again."""
    session.clear()
    g.pop("visitor", None)


def home() -> str:
    """Where whoever asks belongs."""
    somebody = visitor()
    if somebody is None:
        return url_for("login.show")
    return url_for("live.show") if somebody.role == "operator" else url_for("guest.show")


def back() -> str:
    """The page of ours that the button was on; home when that is not known."""
    came_from = urlsplit(request.referrer or "")
    path = came_from.path if came_from.netloc == request.host and came_from.path.startswith("/") else "/"
    # A refused form answers under its own address, which cannot be looked at: what it belongs to can.
    while path.strip("/") and not _can_be_looked_at(path):
        path = path.rpartition("/")[0]
    return path if path.strip("/") else home()


def _can_be_looked_at(path: str) -> bool:
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return False
    return True


def wanted() -> str:
    """The page that was asked for before the login, once; else home."""
    path = session.pop("wanted", None)
    return path if isinstance(path, str) and path.startswith("/") and not path.startswith("//") else home()


def _let_in() -> Response | None:
    if request.endpoint is None:
        # No such page: told only to those who may know which there are.
        return None if visitor() else _to_login()
    view = current_app.view_functions.get(request.endpoint)
    roles = frozenset(("everybody",)) if request.endpoint == "static" else getattr(view, MARK, frozenset(("operator",)))
    if "everybody" in roles:
        return None
    somebody = visitor()
    if somebody is None:
        return _to_login()
    if somebody.role not in roles:
        abort(403, _("This page is for the box's operator."))
    return None


def _to_login() -> Response:
    if request.method != "GET" or request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate" or _is_data():
        abort(401, _("Please log in first."))
    if request.endpoint is not None and request.path != "/":
        session["wanted"] = request.path
    if session.get("role"):
        session.pop("role")
        flash(_("You were logged out. Please enter the PIN again."))
    return redirect(url_for("login.show"), 303)


def _is_data() -> bool:
    """True for what no person opens by itself."""
    return request.path.endswith((".json", ".jpg", ".png")) or request.path.startswith("/api/")


def _recognised() -> Visitor | None:
    for voucher in current_app.extensions[_VOUCHERS]:
        if (found := voucher()) is not None:
            return found  # type: ignore[no-any-return]
    role: Any = session.get("role")
    try:
        now_counts = role in ("operator", "guest") and session.get("epoch") == pin.epoch(box().data)
    except StoreError:
        return None
    found = Visitor(role, str(session.get("link", ""))) if now_counts else None
    return found if found is None or found.role == "operator" or guests.is_valid(found.link) else None

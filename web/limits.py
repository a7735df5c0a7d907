"""How often one visitor may ask for what costs the box something (flask-limiter, in this process's memory)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

from web import ledger

ANYTHING = "3000 per minute"
"""Several open live views, and no flood."""

TRIES = "30 per minute"
"""Looks at a PIN or a guest's link."""

UPLOADS = "60 per minute"

FORM_BYTES = 64 * 1024
"""Of a request: forms of buttons are all there is to send, but where a view says that it takes more."""

_View = TypeVar("_View", bound=Callable[..., Any])
_MARK = "_mofy_limit"
_TAKES = "_mofy_takes"


def tries(view: _View) -> _View:
    """Mark a view that looks at a PIN or a link; goes under the route's decorator."""
    setattr(view, _MARK, TRIES)
    return view


def uploads(view: _View) -> _View:
    """Mark a view that takes pictures."""
    setattr(view, _MARK, UPLOADS)
    return view


def takes(most_bytes: int) -> Callable[[_View], _View]:
    """Say of a view how much it takes in one request; goes under the route's decorator."""

    def mark(view: _View) -> _View:
        setattr(view, _TAKES, most_bytes)
        return view

    return mark


def weigh() -> None:
    """Set how much the request at hand may hold; goes before whatever reads it."""
    request.max_content_length = most_bytes(request.endpoint)


def most_bytes(endpoint: str | None) -> int:
    """How much a view takes in one request."""
    return int(getattr(current_app.view_functions.get(endpoint or ""), _TAKES, FORM_BYTES))


def count(app: Flask) -> None:
    """Count visits from now on; goes after every view is there."""
    from flask_limiter import Limiter

    limiter: Any = Limiter(_source, default_limits=[ANYTHING], storage_uri="memory://")
    for endpoint, view in app.view_functions.items():
        if limit := getattr(view, _MARK, None):
            app.view_functions[endpoint] = limiter.limit(limit)(view)
    limiter.init_app(app)


def _source() -> str:
    return ledger.source_of(request.remote_addr or "")

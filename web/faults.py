"""What a person is told when something cannot be done. The engine goes on whatever happens here."""

from __future__ import annotations

from flask import Flask, flash, jsonify, redirect, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from appliance.errors import MofyError, StoreError
from web import access
from web.plain import refusal


def explain(app: Flask) -> None:
    """Answer every fault with a page of ours."""
    app.register_error_handler(CSRFError, _outdated)
    app.register_error_handler(MofyError, _refused)
    app.register_error_handler(HTTPException, _page)


def _outdated(_fault: CSRFError) -> Response | tuple[Response, int]:
    """A form that is not from a page of ours as it is now."""
    told = _("Nothing was changed: the page was out of date, or cookies are off. Please press again.")
    if _asks_a_script():
        return jsonify(error=told), 400
    flash(told)
    return redirect(access.back(), 303)


def _asks_a_script() -> bool:
    """True for what a page's script fetches: it tells the words itself."""
    return request.accept_mimetypes.best == "application/json" or request.path.startswith("/api/")


def _words(error: MofyError) -> str:
    """A program gets what it can look up, a page's script what its reader understands."""
    return str(error) if request.path.startswith("/api/") else refusal(str(error)).text


def _refused(error: MofyError) -> Response | tuple[str, int] | tuple[Response, int]:
    """What the store or a person's entry made impossible."""
    if _asks_a_script():
        return jsonify(error=_words(error)), 503 if isinstance(error, StoreError) else 400
    if request.method == "GET":
        return _told(refusal(str(error)).text, 503)
    flash(_("Nothing was changed: %(reason)s", reason=refusal(str(error)).text))
    return redirect(access.back(), 303)


def _page(fault: HTTPException) -> Response | tuple[str, int] | tuple[Response, int]:
    if fault.response is not None:
        return fault.response  # type: ignore[return-value]
    words = {
        404: _("There is no such page."),
        405: _("This address is only for the buttons of the page."),
        413: _("That was too much to send."),
        429: _("That was too often. Wait a minute and try again."),
        500: _("The page made a mistake. The camera goes on, and so do its covers."),
    }
    code = fault.code or 500
    if _asks_a_script():
        return jsonify(error=words.get(code) or fault.description or fault.name), code
    if code == 401:
        return render_template("login.html", wrong=_("Please enter the PIN first.")), 401
    return _told(words.get(code) or fault.description or fault.name, code)


def _told(words: str, code: int) -> tuple[str, int]:
    return render_template("fault.html", words=words, code=code), code

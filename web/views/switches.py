"""The buttons of the page: each says what is wished, not what to toggle, so pressing twice does no harm."""

from __future__ import annotations

from typing import TypeVar

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from appliance.live.wishes import MODES
from web import access, languages
from web.access import open_to
from web.box import box
from web.desired import wish_mode, wish_shown

page = Blueprint("switches", __name__)

_Word = TypeVar("_Word", bound=str)


@page.post("/mode")
def mode() -> Response:
    """Show selectively, or cover everyone."""
    wish_mode(box().data, _one_of(MODES, "mode"))
    return redirect(access.back(), 303)


@page.post("/people/<person>")
def person(person: str) -> Response:
    """Switch one person on or off."""
    wish_shown(box().data, person, _one_of(("on", "off"), "shown") == "on")
    return redirect(f"{access.back()}#person-{person}", 303)


@page.post("/language")
@open_to("everybody")
def language() -> Response:
    """Speak this language from now on."""
    response = redirect(access.back(), 303)
    languages.remember(response, _one_of(tuple(languages.NAMES), "language"))
    return response


def _one_of(known: tuple[_Word, ...], field: str) -> _Word:
    """The field's value, which must be one of these."""
    word = next((word for word in known if word == request.form.get(field)), None)
    if word is None:
        abort(400, f"{field}: expected {' or '.join(known)}")
    return word

"""What is said of a face that was tapped: reveal it for a while, keep it covered, take that back."""

from __future__ import annotations

import time

from flask import Blueprint, abort, flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from appliance import store
from appliance.errors import InputError
from web.access import somebody
from web.box import box
from web.reported import report

page = Blueprint("faces", __name__)

MINUTES = (10, 60, 480)
"""How long a guest may be revealed, as the page offers it."""

LONGEST_MINUTES = 24 * 60


@page.post("/faces/<int:track>/reveal")
def reveal(track: int) -> Response:
    """Show this face as a guest for so many minutes; a name may be given."""
    name = request.form.get("name", "").strip() or None
    until = time.time() + _minutes(60) * 60.0
    return _done(store.Desired(box().data).reveal(_run(), track, until, somebody().who, name))


@page.post("/faces/<int:track>/cover")
def cover(track: int) -> Response:
    """Keep this face covered; for so many minutes where they are given, else until it is taken back."""
    minutes = _minutes(None) if request.form.get("minutes") else None
    until = None if minutes is None else time.time() + minutes * 60.0
    return _done(store.Desired(box().data).cover(_run(), track, until, somebody().who))


@page.post("/people/<person>/cover")
def cover_person(person: str) -> Response:
    """Keep an enrolled person covered, wherever he is found; as `cover`."""
    minutes = _minutes(None) if request.form.get("minutes") else None
    until = None if minutes is None else time.time() + minutes * 60.0
    return _done(store.Desired(box().data).cover_person(person, until, somebody().who))


@page.post("/claims/<claim>/withdraw")
def withdraw(claim: str) -> Response:
    """Take a wish back; one that has ended by itself is no fault."""
    store.Desired(box().data).withdraw(claim, somebody().who)
    return _done(claim)


def _run() -> str:
    """The run of the engine that the page was looking at; another one's numbers mean other faces."""
    seen = report(box().runtime, time.time()).live
    asked = request.form.get("run", "")
    if seen is None or not asked or asked != seen.run:
        raise InputError(_("the camera was started anew; tap the face again"))
    return asked


def _minutes(default: int | None) -> int:
    given = request.form.get("minutes", type=int, default=default)
    if given is None or not 1 <= given <= LONGEST_MINUTES:
        abort(400, f"minutes: expected 1 to {LONGEST_MINUTES}")
    return given


def _done(claim: str) -> Response:
    if request.accept_mimetypes.best == "application/json":
        return jsonify(claim=claim)
    flash(_("Done."), "done")
    return redirect(url_for("live.show"), 303)

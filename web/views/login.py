"""The door: the PIN once, a cookie from then on, and the way out."""

from __future__ import annotations

import time

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from appliance.errors import InputError
from web import access, known_devices, limits, pin
from web.access import open_to
from web.box import box
from web.desired import note
from web.known_pin import waiting

page = Blueprint("login", __name__)


@page.get("/login")
@open_to("everybody")
def show() -> Response | str:
    """Ask for the PIN."""
    if access.visitor():
        return redirect(access.home(), 303)
    return render_template("login.html")


@page.post("/login")
@open_to("everybody")
@limits.tries
def enter() -> Response:
    """Let in whoever has the PIN; each wrong one makes the next wait longer."""
    data, source, now = box().data, known_devices.source(), time.time()
    # Before the PIN is looked at: changed meanwhile, or everybody logged out, and this login is one of before.
    known, epoch = known_devices.is_known(), pin.epoch(data)
    wait_s = pin.wait_s(data, source, now, known)
    if wait_s > 0:
        return _refused(waiting(wait_s), 429)
    if not pin.is_right(data, request.form.get("pin", "")[: pin.MOST], source, now, known):
        wait_s = pin.wait_s(data, source, now, known)
        note("page", "a wrong PIN was entered")
        return _refused(_("This is not the PIN.") + (" " + waiting(wait_s) if wait_s > 0 else ""), 403)
    access.admit("operator", epoch=epoch)
    note("page", "logged in")
    response = redirect(access.wanted(), 303)
    known_devices.remember(response)
    return response


@page.post("/logout")
@open_to("operator", "guest")
def leave() -> Response:
    """Log this browser out."""
    access.dismiss()
    flash(_("You are logged out."))
    return redirect(url_for("login.show"), 303)


@page.post("/logout-everywhere")
def leave_everywhere() -> Response:
    """Log every browser out, this one and guests' too."""
    pin.log_everybody_out(box().data)
    note("page", "everybody logged out")
    access.dismiss()
    flash(_("Every phone is logged out."))
    return redirect(url_for("login.show"), 303)


@page.post("/pin")
def change() -> Response:
    """Set another PIN; the old one must be known, and everybody else is logged out."""
    data, source, now = box().data, known_devices.source(), time.time()
    back = redirect(url_for("access.show"), 303)
    wait_s = pin.wait_s(data, source, now, known=True)
    if wait_s > 0:
        flash(waiting(wait_s))
    elif request.form.get("new", "") != request.form.get("again", ""):
        flash(_("The two new PINs are not the same. Nothing was changed."))
    elif not pin.is_right(data, request.form.get("pin", "")[: pin.MOST], source, now, known=True):
        flash(_("The old PIN is not right. Nothing was changed."))
    else:
        _set(request.form["new"])
    return back


def _set(wanted: str) -> None:
    if not wanted.strip().isdecimal() or len(wanted.strip()) < pin.LEAST:
        flash(_("A PIN has at least %(least)s digits. Nothing was changed.", least=pin.LEAST))
        return
    try:
        pin.change(box().data, wanted)
    except InputError:
        flash(_("This PIN is too easy to guess. Nothing was changed."))
        return
    note("page", "PIN changed")
    access.admit("operator")
    flash(_("The PIN is changed. Every other phone is logged out."))


def _refused(words: str, code: int) -> Response:
    return make_response(render_template("login.html", wrong=words), code)

"""Guests: a link that opens once, and a page on which its guest sees what is his."""

from __future__ import annotations

import io
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from web import access, guests
from web.access import open_to
from web.desired import note
from web.enrolling import desk, stored
from web.limits import tries
from web.pictures import png

page = Blueprint("guest", __name__)

Answer = Any


@page.post("/guests")
def invite() -> Answer:
    """Make a link, and show it this once, as a QR code too."""
    lives_s = guests.LIVES_S.get(request.form.get("lives", ""))
    if lives_s is None:
        abort(400)
    address = url_for("guest.door", token=guests.make(lives_s), _external=True)
    note(access.somebody().who, "a link for a guest was made")
    return render_template("invitation.html", address=address, code=_code(address), lives=request.form["lives"])


@page.post("/guests/<link>/revoke")
def revoke(link: str) -> Answer:
    """Make a link worth nothing."""
    guests.revoke(link)
    note(access.somebody().who, "a link for a guest was revoked")
    flash(_("The link is worth nothing any more."), "done")
    return redirect(url_for("people.show", _anchor="guests"), 303)


@page.get("/guest/<token>")
@open_to("everybody")
@tries
def door(token: str) -> Answer:
    """Greet a guest; the link is used up by pressing, for messengers look at links by themselves."""
    if not guests.is_open(token):
        return _worthless()
    return render_template("welcome.html", token=token)


@page.post("/guest/<token>")
@open_to("everybody")
@tries
def enter(token: str) -> Answer:
    """Let the guest in."""
    link = guests.open_link(token)
    if link is None:
        return _worthless()
    access.admit("guest", link)
    note(f"guest {link[:8]}", "came in by a link")
    return redirect(url_for("guest.show"), 303)


@page.get("/me")
@open_to("guest")
def show() -> str:
    """What the guest has here."""
    person, photos, _rejected = stored(guests.own_person(access.somebody()))
    return render_template("me.html", person=person, photos=sorted(photos, key=lambda photo: -photo.quality))


@page.get("/me/photos/<photo>.png")
@open_to("guest")
def picture(photo: str) -> Answer:
    """One of his faces as it is stored; nobody else's."""
    photos = stored(guests.own_person(access.somebody()))[1]
    crop = next((one.crop for one in photos if one.id == photo), None)
    if crop is None:
        abort(404)
    return png(crop)


@page.post("/me/delete")
@open_to("guest")
def forget() -> Answer:
    """Delete all of it, and say good-bye."""
    guest = access.somebody()
    desk().drafts.forget(guest.owner)
    guests.forget(guest)
    note(guest.who, "deleted what was his")
    access.dismiss()
    return render_template("goodbye.html")


def _worthless() -> Response:
    return make_response(render_template("expired.html"), 410)


def _code(address: str) -> Markup:
    import segno

    drawn = io.BytesIO()
    segno.make_qr(address).save(drawn, kind="svg", xmldecl=False, svgns=True, scale=4, border=3, light="white",
                                svgclass="qr", lineclass=None, omitsize=True, title=address)  # fmt: skip
    return Markup(drawn.getvalue().decode())

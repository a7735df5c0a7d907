"""Who is enrolled: looked at, changed, checked, deleted, carried to another box."""

from __future__ import annotations

import io
import tempfile
import time
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from appliance.enrolment import SAME_PERSON, inspection
from appliance.errors import InputError
from appliance.portraits import SIDE_TURN
from appliance.store import Store, exists
from appliance.store.people import Enrolled
from web import access, carrying, guests, known_pin, until
from web.box import box
from web.desired import desired
from web.enrolling import desk
from web.limits import takes, tries
from web.pictures import png

page = Blueprint("people", __name__)

ARCHIVE_BYTES = 200_000_000
Answer = Any


@page.get("/people")
def show() -> str:
    """Everybody."""
    return render_template("people.html", wished=desired(box().data), now=time.time(), links=guests.links())


@page.get("/people/<person>")
def one(person: str) -> str:
    """One of them: photos, how good they are, and all that can be changed."""
    found = _known(person)
    dossiers = Store.open(box().data).dossiers()
    reports = inspection.inspect(dossiers, desk().model, [found.name])
    dossier = next(one for one in dossiers if one.person.id == person)
    photos = [one for one in dossier.templates if one.model == desk().model]
    return render_template(
        "person.html", person=found, now=time.time(), today=date.today(), report=reports[0] if reports else None,
        photos=photos, rejected=dossier.rejected, side=SIDE_TURN, same=SAME_PERSON,
    )  # fmt: skip


@page.get("/people/<person>/face.png")
def portrait(person: str) -> Response:
    """The best of a person's faces."""
    photos = Store.open(box().data).templates(_known(person).id)
    if not photos:
        abort(404)
    return png(max(photos, key=lambda photo: photo.quality).crop)


@page.get("/people/<person>/photos/<photo>.png")
def photo(person: str, photo: str) -> Response:
    """One of a person's faces, or of those who are not the person."""
    store, found = Store.open(box().data), _known(person)
    crop = next((one.crop for one in [*store.templates(found.id), *store.rejected(found.id)] if one.id == photo), None)
    if crop is None:
        abort(404)
    return png(crop)


@page.post("/people/<person>/change")
def change(person: str) -> Answer:
    """Another name, note or time until which the person is shown."""
    name, note = request.form.get("name"), request.form.get("note")
    found = Store.open(box().data).change(
        _known(person), access.somebody().who, new_name=name or None, note=note, expires_at=until.wished()
    )
    flash(_("%(name)s: saved.", name=found.name), "done")
    return redirect(url_for("people.one", person=person), 303)


@page.post("/people/<person>/delete")
def delete(person: str) -> Answer:
    """Forget the person, for good."""
    found = _known(person)
    Store.open(box().data).remove(found, access.somebody().who)
    flash(_("%(name)s is deleted, with every photo.", name=found.name), "done")
    return redirect(url_for("people.show"), 303)


@page.post("/people/<person>/unreject")
def unreject(person: str) -> Answer:
    """Forget everybody who was told not to be the person."""
    found = _known(person)
    Store.open(box().data).unreject(found, access.somebody().who)
    flash(_("%(name)s: saved.", name=found.name), "done")
    return redirect(url_for("people.one", person=person), 303)


@page.get("/people-all")
def everybody() -> str:
    """What is done with everybody at once."""
    return render_template("everybody.html", count=len(desired(box().data).people))


@page.post("/people-all/export")
@tries
def carry() -> Answer:
    """Everybody in one file under a passphrase."""
    if request.form.get("passphrase", "") != request.form.get("again", ""):
        flash(_("The two passphrases are not the same."))
        return redirect(url_for("people.everybody"), 303)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.mofy"
        carrying.export(path, request.form.get("passphrase", ""))
        content = io.BytesIO(path.read_bytes())
    name = time.strftime("mofy-people-%Y-%m-%d.mofy")
    return send_file(content, "application/octet-stream", as_attachment=True, download_name=name)


@page.post("/people-all/import")
@tries
@takes(ARCHIVE_BYTES)
def bring() -> Answer:
    """Everybody from such a file."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise InputError(_("choose a file that a MOFY box has exported"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people"
        upload.save(path)
        brought, kept = carrying.bring(path, request.form.get("passphrase", ""), "replace" in request.form)
    flash(str(ngettext("%(num)s person imported.", "%(num)s people imported.", brought)), "done")
    if kept:
        flash(_("Enrolled already, and left as they are: %(names)s", names=", ".join(kept)))
    return redirect(url_for("people.show"), 303)


@page.post("/people-all/delete")
@tries
def delete_everybody() -> Answer:
    """Forget everybody, for good; asks for the PIN once more."""
    if not known_pin.entered(request.form.get("pin", "")):
        return redirect(url_for("people.everybody"), 303)
    if exists(box().data):
        store = Store.open(box().data)
        for one in store.people():
            with suppress(InputError):  # another phone was faster
                store.remove(one, access.somebody().who)
    flash(_("Everybody is deleted. Every face is covered now."), "done")
    return redirect(url_for("people.show"), 303)


def _known(person: str) -> Enrolled:
    found = next((one for one in desired(box().data).people if one.id == person), None)
    if found is None:
        abort(404, _("This person is not enrolled any more."))
    return found

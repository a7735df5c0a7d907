"""Enrolling: photos and clips are sent, each gets its verdict at once, and what is good is saved under a name."""

from __future__ import annotations

import tempfile
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import FileStorage

from appliance.errors import InputError
from appliance.store import Store
from appliance.store.people import Enrolled, clean_name, clean_note
from web import access, enrolling, guests, until
from web.access import open_to
from web.box import box
from web.drafts import MOST_PHOTOS, Draft, Purpose
from web.enrolling import desk
from web.limits import takes, uploads
from web.pictures import png

page = Blueprint("enrol", __name__)

FORM_BYTES = 110_000_000
"""Of one request: a photo of 50 megapixels or a clip; the script sends one file at a time."""

COPY_BYTES = 1 << 20
Answer = Any


@page.post("/enrol")
@open_to("operator", "guest")
def begin() -> Answer:
    """Begin to enrol somebody new, to add photos to a person, or to tell who is not the person."""
    person = request.form.get("person") or None
    purpose: Purpose = "reject" if request.form.get("purpose") == "reject" else "enrol"
    somebody = access.somebody()
    if somebody.role == "guest":
        person, purpose = guests.own_person(somebody), "enrol"
    elif person is not None and enrolling.stored(person)[0] is None:
        raise InputError(_("this person is not enrolled any more"))
    if purpose == "reject" and person is None:
        abort(400)
    desk().warden.warm()
    return redirect(url_for("enrol.show", draft=desk().drafts.begin(somebody.owner, person, purpose).id), 303)


@page.get("/enrol/<draft>")
@open_to("operator", "guest")
def show(draft: str) -> Answer:
    """The draft: what was sent and what to think of it."""
    found = _found(draft)
    if found is None:
        return redirect(access.home(), 303)
    return _page("enrol.html", found)


@page.post("/enrol/<draft>/photos")
@open_to("operator", "guest")
@uploads
@takes(FORM_BYTES)
def add(draft: str) -> Answer:
    """Look at the files sent; a script gets the list anew, a form the page."""
    found = _found(draft)
    if found is None:
        return redirect(access.home(), 303)
    for upload in request.files.getlist("photos"):
        if upload.filename:
            _look_at(found, upload)
    return _changed(found)


@page.post("/enrol/<draft>/photos/<int:number>/choose")
@open_to("operator", "guest")
def choose(draft: str, number: int) -> Answer:
    """Say which of several faces is meant."""
    found = _found(draft)
    if found is None:
        return redirect(access.home(), 303)
    look = found.looks.get(number)
    try:
        face = int(request.form.get("face", ""))
        if look is None or look.code != "many" or not 0 <= face < len(look.found):
            abort(400)
        desk().drafts.replace(found, number, look.choosing(face))
    except ValueError:
        abort(400)
    return _changed(found)


@page.post("/enrol/<draft>/photos/<int:number>/drop")
@open_to("operator", "guest")
def drop(draft: str, number: int) -> Answer:
    """Take a photo away again."""
    found = _found(draft)
    if found is None:
        return redirect(access.home(), 303)
    desk().drafts.replace(found, number, None)
    return _changed(found)


@page.get("/enrol/<draft>/photos/<int:number>.jpg")
@open_to("operator", "guest")
def picture(draft: str, number: int) -> Response:
    """What was found, small."""
    found = desk().drafts.find(draft, access.somebody().owner)
    look = found.looks.get(number) if found else None
    if look is None or not look.preview:
        abort(404)
    return Response(look.preview, mimetype="image/jpeg")


@page.get("/enrol/<draft>/photos/<int:number>/<int:face>.png")
@open_to("operator", "guest")
def face(draft: str, number: int, face: int) -> Response:
    """One of several faces, to choose from."""
    found = desk().drafts.find(draft, access.somebody().owner)
    look = found.looks.get(number) if found else None
    if look is None or face >= len(look.found):
        abort(404)
    return png(look.found[face].template.crop)


@page.post("/enrol/<draft>/save")
@open_to("operator", "guest")
def save(draft: str) -> Answer:
    """Store what is good of the draft."""
    found = _found(draft)
    if found is None:
        return redirect(access.home(), 303)
    judgement = enrolling.judged(found, force="force" in request.form)
    if not judgement.templates:
        flash(_("Nothing was saved: none of the photos can be used yet."))
        return redirect(url_for("enrol.show", draft=draft), 303)
    try:
        person = _saved(found, list(judgement.templates))
    except InputError as error:
        flash(_("Nothing was saved: %(reason)s", reason=str(error)))
        return _page("enrol.html", found, given=request.form), 400
    desk().drafts.end(found)
    _tell(person, len(judgement.templates), found)
    where = url_for("guest.show") if access.somebody().role == "guest" else url_for("people.one", person=person.id)
    return redirect(where, 303)


@page.post("/enrol/<draft>/cancel")
@open_to("operator", "guest")
def cancel(draft: str) -> Answer:
    """Forget the draft."""
    somebody = access.somebody()
    found = desk().drafts.find(draft, somebody.owner)
    if found is not None:
        desk().drafts.end(found)
    if somebody.role == "guest" or found is None or found.person is None:
        return redirect(url_for("people.show") if somebody.role == "operator" else access.home(), 303)
    return redirect(url_for("people.one", person=found.person), 303)


def _found(draft: str) -> Draft | None:
    """The visitor's draft; None, and a word of why, when it is gone."""
    found = desk().drafts.find(draft, access.somebody().owner)
    if found is None:
        flash(_("These photos were kept for half an hour and not saved. Please choose them again."))
    return found


def _look_at(draft: Draft, upload: FileStorage) -> None:
    clip = (upload.mimetype or "").startswith("video/")
    with tempfile.TemporaryFile() as file:
        while part := upload.stream.read(COPY_BYTES):
            file.write(part)
        file.flush()
        look = desk().warden.look(file, clip)
    if not desk().drafts.add(draft, (upload.filename or "")[-60:], look):
        flash(_("At most %(most)s photos at once. Save these first.", most=MOST_PHOTOS))


def _changed(draft: Draft) -> Answer:
    if request.headers.get("X-Part") == "draft":
        return _page("_draft.html", draft)
    return redirect(url_for("enrol.show", draft=draft.id), 303)


def _page(template: str, draft: Draft, given: Any = None) -> str:
    somebody = access.somebody()
    judgement = enrolling.judged(draft, beside=somebody.role == "operator" and draft.purpose == "enrol")
    person = enrolling.stored(draft.person)[0]
    full = len(draft.looks) >= MOST_PHOTOS
    return render_template(
        template, draft=draft, judgement=judgement, person=person, given=given or {}, full=full, today=date.today()
    )


def _saved(draft: Draft, templates: list[Any]) -> Enrolled:
    somebody = access.somebody()
    if draft.purpose == "reject":
        person = enrolling.stored(draft.person)[0]
        if person is None:
            raise InputError(_("this person is not enrolled any more"))
        return Store.open(box().data).reject(person.name, templates, somebody.who)
    if draft.person is not None:
        person = enrolling.stored(draft.person)[0]
        if person is None:
            raise InputError(_("this person is not enrolled any more"))
        return Store.open(box().data).enrol(person.name, templates, somebody.who)
    name = clean_name(request.form.get("name", ""))
    note = clean_note(request.form.get("note", ""))
    store = Store.open(box().data, create=True)
    if somebody.role == "guest":
        return guests.enrolled(store, somebody, name, templates, note, until.wished())
    if store.find(name) is not None:
        raise InputError(_("%(name)s is enrolled already; give another name, or add the photos there", name=name))
    return store.enrol(name, templates, somebody.who, note, until.wished())


def _tell(person: Enrolled, count: int, draft: Draft) -> None:
    if draft.purpose == "reject":
        flash(_("Saved. Whoever looks more like these photos than like %(name)s is covered.", name=person.name), "done")
        return
    saved = ngettext("%(num)s photo saved.", "%(num)s photos saved.", count)
    flash(f"{person.name}: {saved} " + _("The originals are deleted; only small faces are kept, encrypted."), "done")
    if access.somebody().role == "operator":
        for other in enrolling.alike_to(person):
            flash(_("%(name)s and %(other)s look alike: one may be shown as the other. Give both more photos.",
                    name=person.name, other=other.name))  # fmt: skip

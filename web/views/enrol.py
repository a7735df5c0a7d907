"""Enrolling: photos and clips are sent, each gets its verdict at once, and what is good is saved under a name."""

from __future__ import annotations

import tempfile
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from appliance.errors import InputError
from web import access, enrolling, guests, saving
from web.access import open_to
from web.drafts import MOST_OF_ONE, MOST_OF_OPERATORS, MOST_PHOTOS, Draft, Purpose
from web.enrolling import desk
from web.limits import takes, uploads
from web.pictures import png
from web.plain import refusal

page = Blueprint("enrol", __name__)

FORM_BYTES = 110_000_000
"""Of one request: a photo of 50 megapixels or a clip; the script sends one file at a time."""

COPY_BYTES = 1 << 20
MOST_LETTERS = 100
"""Of a name that comes before the photos; it is looked at when it is saved."""
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
    most = MOST_OF_OPERATORS if somebody.role == "operator" else MOST_OF_ONE
    made = Draft(somebody.owner, person, purpose, name=request.form.get("name", "")[:MOST_LETTERS])
    return redirect(url_for("enrol.show", draft=desk().drafts.begin(made, most).id), 303)


@page.get("/enrol/<draft>")
@open_to("operator", "guest")
def show(draft: str) -> Answer:
    """The draft: what was sent and what to think of it."""
    found = _found(draft)
    if found is None:
        return _gone(draft)
    return _page("enrol.html", found)


@page.post("/enrol/<draft>/photos")
@open_to("operator", "guest")
@uploads
@takes(FORM_BYTES)
def add(draft: str) -> Answer:
    """Look at the files sent; a script gets the list anew, a form the page."""
    found = _found(draft)
    if found is None:
        return _gone(draft)
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
        return _gone(draft)
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
        return _gone(draft)
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
        return _gone(draft)
    with found.saving:
        if desk().drafts.has_ended(draft, found.owner):
            return _gone(draft)
        return _save(found)


@page.post("/enrol/<draft>/cancel")
@open_to("operator", "guest")
def cancel(draft: str) -> Answer:
    """Forget the draft."""
    somebody = access.somebody()
    found = desk().drafts.find(draft, somebody.owner)
    if found is not None:
        desk().drafts.end(found, found.person)
    return redirect(_place_of(desk().drafts.left_with(draft, somebody.owner)), 303)


def _found(draft: str) -> Draft | None:
    """The visitor's draft; None when it is gone."""
    return desk().drafts.find(draft, access.somebody().owner)


def _gone(draft: str) -> Answer:
    """Where somebody belongs whose draft is gone, with a word of why where he did not end it himself."""
    owner, drafts = access.somebody().owner, desk().drafts
    if not drafts.has_ended(draft, owner):
        flash(_("These photos were kept for half an hour and not saved. Please choose them again."))
    return redirect(_place_of(drafts.left_with(draft, owner)), 303)


def _place_of(person: str | None) -> str:
    if access.somebody().role == "guest":
        return url_for("guest.show")
    known = person is not None and enrolling.stored(person)[0] is not None
    return url_for("people.one", person=person) if known else url_for("people.show")


def _save(found: Draft) -> Answer:
    judgement = enrolling.judged(found, force="force" in request.form)
    if not judgement.templates:
        flash(_("Nothing was saved: none of the photos can be used yet."))
        return _page("enrol.html", found, given=request.form), 400
    try:
        person = saving.save(found, judgement.templates)
    except InputError as error:
        flash(_("Nothing was saved: %(reason)s", reason=refusal(str(error)).text))
        return _page("enrol.html", found, given=request.form), 400
    desk().drafts.end(found, person.id)
    saving.tell(person, len(judgement.templates), found)
    return redirect(_place_of(person.id), 303)


def _look_at(draft: Draft, upload: FileStorage) -> None:
    clip = (upload.mimetype or "").startswith("video/")
    with tempfile.TemporaryFile() as file:
        while part := upload.stream.read(COPY_BYTES):
            file.write(part)
        file.flush()
        look = desk().warden.look(file, clip)
    if desk().drafts.add(draft, (upload.filename or "")[-60:], look):
        return
    if len(draft.looks) < MOST_PHOTOS:
        flash(_("A photo came as the others were saved, and was not saved. Please choose it again."))
    else:
        flash(_("At most %(most)s photos at once. Save these first.", most=MOST_PHOTOS))


def _changed(draft: Draft) -> Answer:
    if desk().drafts.has_ended(draft.id, draft.owner):
        # A script finds no list in it, and looks at the page anew: what is to be said is said there.
        return "" if request.headers.get("X-Part") == "draft" else _gone(draft.id)
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

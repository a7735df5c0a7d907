"""People who may be shown."""

from __future__ import annotations

import math
import tempfile
import time
from typing import Any

from flask import jsonify, request
from pydantic import StrictBool, StrictFloat, StrictInt, StrictStr

from appliance.errors import InputError
from appliance.store import Store, exists
from appliance.store.people import Enrolled, clean_name, clean_note
from web import enrolling
from web.api.blueprint import Answer, Asked, absent, asked, page, who
from web.box import box
from web.drafts import MOST_PHOTOS, Draft
from web.enrolling import desk
from web.limits import takes, uploads

FORM_BYTES = 110_000_000
COPY_BYTES = 1 << 20


class Change(Asked):
    """What is not given stays."""

    name: StrictStr | None = None
    note: StrictStr | None = None
    enabled: StrictBool | None = None
    expires_at: StrictFloat | StrictInt | None = None
    """Epoch seconds; -1: never."""


@page.get("/people")
def people() -> Answer:
    """Everybody, by name."""
    found = Store.open(box().data).people() if exists(box().data) and _anybody() else []
    return jsonify(people=[_told(person) for person in found])


@page.post("/people")
@uploads
@takes(FORM_BYTES)
def enrol() -> Answer:
    """Enrol somebody by photos or a selfie clip; nobody, unless one of them serves."""
    name = clean_name(request.form.get("name", ""))
    note = clean_note(request.form.get("note", ""))
    draft = Draft("api", None)
    for number, upload in enumerate(request.files.getlist("photos")[:MOST_PHOTOS], 1):
        draft.looks[number], draft.names[number] = _looked(upload), f"{number}"
    judgement = enrolling.judged(draft)
    verdicts = [{"photo": entry.number, "verdict": entry.code, "used": entry.used} for entry in judgement.entries]
    if not judgement.templates:
        return jsonify(error="none of the photos can be used", photos=verdicts), 422
    person = Store.open(box().data, create=True).enrol(name, judgement.templates, who(), note, new=True)
    return jsonify(person=_told(person), photos=verdicts, quality=judgement.word), 201


@page.get("/people/<person>")
def person(person: str) -> Answer:
    """One of them."""
    return jsonify(_told(_known(person)))


@page.patch("/people/<person>")
def change(person: str) -> Answer:
    """Change what is given."""
    found, wanted = _known(person), asked(Change)
    expires_at = wanted.expires_at
    if expires_at is not None and (not math.isfinite(expires_at) or not (expires_at == -1 or 0 < expires_at < 1e11)):
        raise InputError("expires_at: epoch seconds, or -1 for never, were expected")
    changed = Store.open(box().data).change(
        found,
        who(),
        new_name=wanted.name,
        note=wanted.note,
        enabled=wanted.enabled,
        expires_at=math.inf if expires_at == -1 else expires_at,
    )
    return jsonify(_told(changed))


@page.delete("/people/<person>")
def forget(person: str) -> Answer:
    """Everything of a person, for good."""
    Store.open(box().data).remove(_known(person), who())
    return "", 204


def _looked(upload: Any) -> Any:
    with tempfile.TemporaryFile() as file:
        while part := upload.stream.read(COPY_BYTES):
            file.write(part)
        file.flush()
        return desk().warden.look(file, (upload.mimetype or "").startswith("video/"))


def _anybody() -> bool:
    from appliance.store import Desired

    return Desired(box().data).anybody_enrolled()


def _known(person: str) -> Enrolled:
    found = [one for one in Store.open(box().data).people() if one.id == person] if _anybody() else []
    if not found:
        absent("person")
    return found[0]


def _told(person: Enrolled) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "note": person.note,
        "enabled": person.enabled,
        "shown": person.shown_at(time.time()),
        "photos": person.photos,
        "created_at": person.created_at,
        "expires_at": person.expires_at,
    }

"""What becomes of a draft that is saved, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, request
from flask_babel import gettext as _
from flask_babel import ngettext

from appliance.errors import InputError
from appliance.store import Store
from appliance.store.people import Enrolled, TakenError, Template, clean_name, clean_note
from web import access, enrolling, guests, until
from web.box import box
from web.drafts import Draft


def save(draft: Draft, templates: Sequence[Template]) -> Enrolled:
    """Store these of a draft, as the form at hand names the person; raises InputError, StoreError."""
    somebody = access.somebody()
    if draft.person is not None:
        person = enrolling.stored(draft.person)[0]
        if person is None:
            raise InputError(_("this person is not enrolled any more"))
        store = Store.open(box().data)
        add = store.reject if draft.purpose == "reject" else store.enrol
        return add(person, templates, somebody.who)
    name = clean_name(request.form.get("name", ""))
    note = clean_note(request.form.get("note", ""))
    store = Store.open(box().data, create=True)
    if somebody.role == "guest":
        return guests.enrolled(store, somebody, name, templates, note, until.wished())
    try:
        return store.enrol(name, templates, somebody.who, note, until.wished(), new=True)
    except TakenError:
        told = _("%(name)s is enrolled already; give another name, or add the photos there", name=name)
        raise InputError(told) from None


def tell(person: Enrolled, count: int, draft: Draft) -> None:
    """Say that it is stored, and whom the person looks like."""
    if draft.purpose == "reject":
        flash(_("Saved. Whoever looks more like these photos than like %(name)s is covered.", name=person.name), "done")
        return
    saved = ngettext("%(num)s photo saved.", "%(num)s photos saved.", count)
    flash(f"{person.name}: {saved} " + _("The originals are deleted; only small faces are kept, encrypted."), "done")
    if access.somebody().role == "operator":
        for other in enrolling.alike_to(person):
            flash(_("%(name)s and %(other)s look alike: one may be shown as the other. Give both more photos.",
                    name=person.name, other=other.name))  # fmt: skip

"""How the live picture looks, and whether it is recorded."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from appliance import store
from appliance.live import wishes
from web.access import somebody
from web.box import box

page = Blueprint("look", __name__)

KEYS = ("style", "strength", "margin", "window")


@page.post("/look")
def change() -> Response:
    """Wish what the form says; all of it or, where a value means nothing, none."""
    wanted = {key: request.form[key] for key in KEYS if request.form.get(key)}
    wanted["outline"] = "true" if request.form.get("outline") else "false"
    checked = {key: wishes.checked(key, value) for key, value in wanted.items()}
    desired = store.Desired(box().data)
    before = desired.settings()
    for key, value in checked.items():
        if before.get(key) != value:
            desired.set_setting(key, value, somebody().who)
    flash(_("The picture follows within a second."), "done")
    return redirect(url_for("live.show", _anchor="look"), 303)


@page.post("/look/reset")
def reset() -> Response:
    """As the engine was started."""
    desired = store.Desired(box().data)
    for key in desired.settings().keys() & {*KEYS, "outline"}:
        desired.set_setting(key, None, somebody().who)
    flash(_("The picture looks as the box was started."), "done")
    return redirect(url_for("live.show", _anchor="look"), 303)


@page.post("/record")
def record() -> Response:
    """Start or stop the recording."""
    wanted = wishes.checked(wishes.RECORD, "true" if request.form.get("record") == "start" else "false")
    store.Desired(box().data).set_setting(wishes.RECORD, wanted, somebody().who)
    return redirect(url_for("live.show"), 303)

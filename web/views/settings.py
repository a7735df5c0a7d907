"""The box itself: its name, where it is reached, what was changed by whom, what it is made of."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from appliance import __version__, store
from appliance.live import wishes
from web import about, history
from web.access import visitor
from web.box import box
from web.desired import desired
from web.reported import report

page = Blueprint("settings", __name__)

MOST_CHANGES = 200


@page.get("/settings")
def show() -> str:
    """The page."""
    data, config = box().data, box().config
    seen = report(box().runtime, time.time())
    stream = about.stream(seen.live, data, config)
    return render_template(
        "settings.html",
        name=about.name(data, config),
        wished_name=wishes.wished_name(data),
        most_letters=wishes.MOST_NAME_LETTERS,
        stream=stream,
        # Made by segno of an address of ours: nothing in it is anybody's text.
        qr=Markup(stream.qr) if stream else "",
        networks=about.networks(),
        mqtt=_mqtt(config),
        update=about.update(),
        status=seen.status,
        version=__version__,
    )


@page.post("/settings/name")
def name() -> Response:
    """Call the box so; nothing: as the machine is called."""
    wanted = wishes.checked_name(request.form.get("name", ""))
    somebody = visitor()
    store.Desired(box().data).set_setting(wishes.NAME, wanted or None, somebody.who if somebody else "page")
    flash(_("Saved."), "done")
    return redirect(url_for("settings.show"), 303)


@page.get("/settings/changes")
def changes() -> str:
    """Who changed what, newest first; people by name where they are still enrolled."""
    names = {person.id: person.name for person in desired(box().data).people}
    audit = store.Desired(box().data).audit(MOST_CHANGES)
    rows = [(at, history.actor(who), history.told(what, names)) for at, who, what in audit]
    return render_template("changes.html", rows=rows)


@page.get("/settings/about")
def licences() -> str:
    """What the box is made of, and under which licences."""
    return render_template("about.html", version=__version__, libraries=about.libraries(), models=about.models())


def _mqtt(config: Any) -> str:
    """The broker, as the configuration names it; empty where there is none."""
    options = getattr(config, "mqtt", None)
    broker = getattr(options, "broker", "")
    if not broker:
        return ""
    tls = bool(getattr(options, "tls", False))
    port = getattr(options, "port", 0) or (8883 if tls else 1883)
    return f"{'mqtts' if tls else 'mqtt'}://{broker}:{port}"

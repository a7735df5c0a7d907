"""How the box stands and how it is wished to be."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path

from flask import Response, abort, current_app, jsonify
from pydantic import StrictBool, StrictFloat, StrictInt, StrictStr

from appliance import store
from appliance.live import wishes
from web.access import open_to
from web.api.blueprint import Answer, Asked, asked, page, who
from web.box import box
from web.reported import preview, report

MOST_CHANGES = 200
DESCRIPTION = Path(__file__).with_name("openapi.json")

Value = StrictStr | StrictInt | StrictFloat | StrictBool | None


class Settings(Asked):
    """Wishes; None takes one back."""

    mode: Value = None
    style: Value = None
    strength: Value = None
    margin: Value = None
    outline: Value = None
    window: Value = None
    record: Value = None
    sound: Value = None
    disguise: Value = None
    sign: Value = None


@page.get("/openapi.json")
@open_to("everybody")
def description() -> Response:
    """What this API understands."""
    return current_app.response_class(DESCRIPTION.read_bytes(), mimetype="application/json")


@page.get("/status")
def status() -> Answer:
    """The engine's own report; `stale` when it does not tell of this moment."""
    seen = report(box().runtime, time.time())
    return jsonify(status=asdict(seen.status) if seen.status else None, stale=seen.stale)


@page.get("/preview.jpg")
def picture() -> Response:
    """The newest masked picture."""
    jpeg = preview(box().runtime, time.time())
    if jpeg is None:
        abort(404, "there is no picture now")
    return Response(jpeg, mimetype="image/jpeg")


@page.get("/settings")
def settings() -> Answer:
    """What is wished; what is not there is as the engine was started."""
    found = store.Desired(box().data).settings()
    return jsonify({key: value for key, value in found.items() if key in wishes.KEYS})


@page.patch("/settings")
def wish() -> Answer:
    """Wish all that is given or, where one of it means nothing, none."""
    given = asked(Settings).model_dump(exclude_unset=True)
    meant = {key: None if value is None else wishes.checked(key, _text(value)) for key, value in given.items()}
    desired = store.Desired(box().data)
    for key, value in meant.items():
        desired.set_setting(key, value, who())
    return settings()


@page.get("/changes")
def changes() -> Answer:
    """Who changed what, newest first; people appear by id."""
    rows = store.Desired(box().data).audit(MOST_CHANGES)
    return jsonify(changes=[{"at": at, "who": by, "what": what} for at, by, what in rows])


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

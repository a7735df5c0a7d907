"""What the box sees: the masked preview, the state in plain words, and who may be shown."""

from __future__ import annotations

import time
from dataclasses import asdict

from flask import Blueprint, Response, abort, jsonify, render_template

from appliance.status import Status
from web.box import box
from web.desired import desired
from web.reported import preview, report
from web.wording import tell

page = Blueprint("live", __name__)


@page.get("/")
def show() -> str:
    """The page."""
    now = time.time()
    wished, seen = desired(box().data), report(box().runtime, now)
    return render_template(
        "live.html",
        wished=wished,
        told=tell(seen, wished.mode),
        status=seen.status,
        in_view=_in_view(seen.live),
        has_preview=preview(box().runtime, now) is not None,
        now=now,
    )


@page.get("/preview.jpg")
def picture() -> Response:
    """The newest masked picture; 404 when there is none that is live."""
    jpeg = preview(box().runtime, time.time())
    if jpeg is None:
        abort(404)
    return Response(jpeg, mimetype="image/jpeg")


@page.get("/status.json")
def state() -> Response:
    """The report as the engine wrote it, in words, and a digest that changes with every wish."""
    now = time.time()
    wished, seen = desired(box().data), report(box().runtime, now)
    return jsonify(
        status=asdict(seen.status) if seen.status else None,
        stale=seen.stale,
        told=asdict(tell(seen, wished.mode)),
        in_view=_in_view(seen.live),
        preview=preview(box().runtime, now) is not None,
        desired=wished.digest,
    )


def _in_view(status: Status | None) -> list[str]:
    """Ids of the people who are shown at this moment."""
    return sorted({track.person for track in status.tracks if track.person}) if status else []

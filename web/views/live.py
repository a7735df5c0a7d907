"""What the box sees: the masked preview, the state in plain words, and who may be shown."""

from __future__ import annotations

import hashlib
import time
from dataclasses import asdict

from flask import Blueprint, Response, abort, jsonify, render_template, request

from appliance.status import Status
from web import pointing
from web.box import box
from web.desired import desired
from web.looks import look
from web.reported import preview, report
from web.wording import tell

page = Blueprint("live", __name__)


MARGINS = (0.0, 0.1, 0.25, 0.4, 0.6, 1.0)
"""As the page offers them; one that was set otherwise is offered too."""


@page.get("/")
def show() -> str:
    """The page."""
    now, data = time.time(), box().data
    wished, seen, looks = desired(data), report(box().runtime, now), look(data, box().config)
    return render_template(
        "live.html",
        wished=wished,
        told=tell(seen, wished.mode),
        status=seen.status,
        in_view=_in_view(seen.live),
        has_preview=preview(box().runtime, now) is not None,
        now=now,
        look=looks,
        margins=sorted({*MARGINS, looks.margin}),
        recording=bool(seen.live and seen.live.recording),
        faces=pointing.faces(seen.live, wished.people, data),
        said=pointing.said(seen.live, wished.people, data),
    )


@page.get("/preview.jpg")
def picture() -> Response:
    """The newest masked picture, once: 304 for who has it; 404 when there is none that is live."""
    jpeg = preview(box().runtime, time.time())
    if jpeg is None:
        abort(404)
    answer = Response(jpeg, mimetype="image/jpeg")
    answer.set_etag(hashlib.sha256(jpeg).hexdigest()[:16])
    return answer.make_conditional(request)  # type: ignore[return-value]


@page.get("/status.json")
def state() -> Response:
    """The report as the engine wrote it, in words, what can be tapped, and a digest that changes with every wish."""
    now, data = time.time(), box().data
    wished, seen = desired(data), report(box().runtime, now)
    return jsonify(
        status=asdict(seen.status) if seen.status else None,
        stale=seen.stale,
        told=asdict(tell(seen, wished.mode)),
        in_view=_in_view(seen.live),
        faces=[asdict(face) for face in pointing.faces(seen.live, wished.people, data)],
        said=[asdict(wish) for wish in pointing.said(seen.live, wished.people, data)],
        preview=preview(box().runtime, now) is not None,
        desired=wished.digest,
    )


def _in_view(status: Status | None) -> list[str]:
    """Ids of the people who are shown at this moment."""
    return sorted({track.person for track in status.tracks if track.person}) if status else []

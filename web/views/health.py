"""For programs that watch the box: is a masked picture leaving it?"""

from __future__ import annotations

import time

from flask import Blueprint, Response, jsonify

from web.access import open_to
from web.box import box
from web.reported import report

page = Blueprint("health", __name__)


@page.get("/health")
@open_to("everybody")
def health() -> tuple[Response, int]:
    """200 while the engine runs and says so; 503 otherwise. The page itself is well if it answers."""
    seen = report(box().runtime, time.time())
    engine = "silent" if seen.stale else seen.status.state if seen.status else "off"
    return jsonify(page="ok", engine=engine), 200 if engine == "running" else 503

"""Figures for Prometheus: for programs on this machine, and for whoever is let in."""

from __future__ import annotations

import ipaddress
import time

from flask import Blueprint, Response, abort, request

from web.access import open_to, visitor
from web.box import box
from web.figures import exposition
from web.reported import report

page = Blueprint("metrics", __name__)


@page.get("/metrics")
@open_to("everybody")
def metrics() -> Response:
    """The engine's report in Prometheus' text format; 401 for others on the network."""
    somebody = visitor()
    if not _on_this_machine() and (somebody is None or somebody.role != "operator"):
        abort(401)
    text, kind = exposition(report(box().runtime, time.time()))
    return Response(text, content_type=kind)


def _on_this_machine() -> bool:
    if "X-Forwarded-For" in request.headers:  # a proxy on this machine, asked by nobody knows whom
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False

"""Stored faces as pictures for a browser."""

from __future__ import annotations

from flask import Response

from appliance.core.frames import RgbImage
from appliance.store.records import packed


def png(crop: RgbImage) -> Response:
    """A (112, 112, 3) crop."""
    return Response(packed(crop), mimetype="image/png")

"""The phone page: a Flask application that reads what the engine reports and edits what is wished. It has no pixels."""

from __future__ import annotations

from flask import Flask

from web import faults, languages, security
from web.box import Box, put
from web.views import health, live, switches

__all__ = ["Box", "create_app"]


def create_app(box: Box, secret: bytes) -> Flask:
    """The page of one box; secret: what its cookies and forms are signed with."""
    app = Flask(__name__)
    app.secret_key = secret
    put(app, box)
    security.guard(app)
    languages.speak(app)
    faults.explain(app)
    for views in (live, switches, health):
        app.register_blueprint(views.page)
    return app

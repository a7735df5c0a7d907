"""The phone page: a Flask application that reads what the engine reports and edits what is wished. It has no pixels."""

from __future__ import annotations

from flask import Flask

from web import access, api, enrolling, faults, languages, limits, navigation, plain, security, verdicts, wording
from web.box import Box, put
from web.security import Serving
from web.views import access as access_page
from web.views import app as app_page
from web.views import (
    enrol,
    faces,
    files,
    guest,
    health,
    live,
    login,
    look,
    metrics,
    network,
    people,
    settings,
    switches,
)

__all__ = ["Box", "Serving", "create_app"]

VIEWS = (
    login,
    live,
    faces,
    look,
    switches,
    people,
    enrol,
    guest,
    files,
    settings,
    network,
    access_page,
    app_page,
    health,
    metrics,
    api,
)


def create_app(box: Box, secret: bytes, serving: Serving = Serving()) -> Flask:
    """The page of one box; secret: what its cookies and forms are signed with; serving: how it can be reached."""
    app = Flask(__name__)
    app.secret_key = secret
    put(app, box)
    security.guard(app, serving)
    access.guard(app)
    security.check_forms(app)
    languages.speak(app)
    navigation.lead(app)
    app.add_template_filter(wording.style_name)
    app.add_template_filter(plain.plain)
    for words in (verdicts.verdict, verdicts.standing, verdicts.advice):
        app.add_template_filter(words)
    enrolling.open_desk(app, box.config)
    faults.explain(app)
    for views in VIEWS:
        app.register_blueprint(views.page)
    api.admit_programs(app)
    limits.count(app)
    return app

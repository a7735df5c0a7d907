"""The four places of the page, as the bar at the bottom shows them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for
from flask_babel import gettext as _


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the bar."""

    name: str
    icon: str
    """Of static/icons.svg."""
    address: str
    here: bool


def lead(app: Flask) -> None:
    """Give every template `places`."""
    app.context_processor(lambda: {"places": _places})


def _places() -> list[Place]:
    known = (
        (_("Live"), "live", ("live.show",)),
        (_("People"), "people", ("people.show", "enrol.show")),
        (_("Files"), "files", ("files.show",)),
        (_("Settings"), "settings", ("settings.show", "access.show", "network.show")),
    )
    found = []
    for name, icon, endpoints in known:
        there = [one for one in endpoints if one in current_app.view_functions]
        if there:
            here = (request.blueprint or "") in {one.partition(".")[0] for one in endpoints}
            found.append(Place(name, icon, url_for(there[0]), here))
    return found

"""Whether the people store and its key can be used."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from appliance import model_files
from appliance.doctor import Finding, Site, ok, warning, wrong
from appliance.errors import StoreError
from appliance.store import DATABASE, Store, database, exists

OPEN = "be the user whose it is (on a box: sudo), and see that file and folder may be written"
ENROL = "`mofy people add` enrols somebody; until then everybody is covered"


def check(site: Site) -> Iterable[Finding]:
    """One finding, or several where several things are wrong."""
    try:
        if not exists(site.data):
            return [warning(f"{site.data}: nobody is enrolled yet", ENROL)]
        if reason := _closed(site.data / DATABASE):
            return [wrong(f"{site.data / DATABASE}: {reason}", OPEN)]
        if damage := _damage(site):
            return [wrong(f"{site.data / DATABASE}: is damaged ({damage})", "restore it from a backup, or enrol anew")]
        if database.pending(site.data / DATABASE):
            return [
                warning(
                    f"{site.data / DATABASE}: is of an older MOFY", "start the engine once; it is brought up to date"
                )
            ]
        return _people(site)
    except StoreError as error:
        return [wrong(str(error), "")]


def _closed(path: Path) -> str:
    """Why the file cannot be used by who asks; empty when it can."""
    if not os.access(path, os.R_OK) or not os.access(path.parent, os.X_OK):
        return "may not be read by this user"
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        return "cannot be written by this user"
    return ""


def _damage(site: Site) -> str:
    try:
        path = (site.data / DATABASE).absolute().as_uri()
        with closing(sqlite3.connect(f"{path}?mode=ro", uri=True)) as file:
            told = str(file.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if told == "ok" else told


def _people(site: Site) -> list[Finding]:
    store = Store.open(site.data)
    people = store.people()
    if not people:
        return [warning(f"{site.data}: nobody is enrolled", ENROL)]
    shown = sum(person.shown_at(time.time()) for person in people)
    model = model_files.embedder_id(site.config)
    found = [ok(f"{len(people)} enrolled, {shown} of them to be shown; the key opens the store")]
    if old := store.count_outdated(model):
        found.append(warning(f"{old} photos are of another model and do not count", "run `mofy people refresh`"))
    return found

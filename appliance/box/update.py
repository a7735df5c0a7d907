"""From one release to the next, and back by itself when the next one does not work."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress

from appliance.box import backup, broker, health, incoming, keys, releases, system_files
from appliance.box.outcome import note
from appliance.box.places import Places
from appliance.box.releases import Release
from appliance.box.services import Services
from appliance.errors import InputError, MofyError, StoreError

Tell = Callable[[str], None]


def activate(places: Places, to: Release, services: Services, tell: Tell) -> None:
    """Make a whole release the current one and see it work; raises MofyError, and then the one before runs again."""
    with releases.alone(places):
        _activate(places, to, services, tell)


def rollback(places: Places, services: Services, tell: Tell) -> Release:
    """Back to the release before; raises InputError when there is none."""
    with releases.alone(places):
        running, began_from = releases.current(places), releases.begun_from(places)
        before = began_from if began_from not in (None, running) else releases.previous(places)
        if before is None:
            raise InputError(f"{places.previous}: there is no release to go back to")
        _give_back(places, services, tell)
        try:
            _run(places, before, services, tell)
        finally:
            if running not in (None, before):
                releases.remember(places, running)
        note(places, "current", before.label, "gone back to by hand")
        releases.end(places)
        return before


def upgrade(places: Places, source: str, services: Services, tell: Tell) -> Release:
    """The release in a signed file or at an address, tried and made current; raises MofyError with nothing changed."""
    with releases.alone(places):
        new = incoming.made(places, source, tell)
        if new == releases.current(places):
            tell(f"{new.label} runs already")
            return new
        try:
            health.selftest(new)
        except MofyError as error:
            shutil.rmtree(new.folder, ignore_errors=True)
            note(places, "refused", new.label, str(error))
            raise
        tell(f"{new.label} passed its self-test")
        _activate(places, new, services, tell)
        return new


def resume(places: Places, services: Services, tell: Tell) -> None:
    """Bring to its end what the power cut off: the new release stays if it works by now, else the one before returns.

    Raises MofyError when that one does not work either.
    """
    with releases.alone(places):
        before, new = releases.begun_from(places), releases.current(places)
        if before is None:
            return
        if new is None or new == before:
            _return(places, before, before, "the power went while a release was put in place", services, tell)
        else:
            _settle_or_return(places, new, before, services, tell)
        releases.end(places)


def _settle_or_return(places: Places, new: Release, before: Release, services: Services, tell: Tell) -> None:
    try:
        health.settle(places, new.version, services)
    except MofyError as error:
        tell(f"{new.label} does not work ({error}); going back to {before.label}")
        _return(places, new, before, str(error), services, tell)
    else:
        releases.remember(places, before)
        note(places, "current", new.label, "")


def _activate(places: Places, to: Release, services: Services, tell: Tell) -> None:
    before = releases.current(places)
    # Not when it is the same release once more: then the copy would no longer be of before the update.
    if before != to and (kept := backup.keep(places.data)):
        tell(f"The people store was copied to {kept}")
    if before in (None, to):
        _renew(places, to, services, tell)
    else:
        _replace(places, before, to, services, tell)
    note(places, "current", to.label, "")
    releases.end(places)
    keys.advise(places, tell)
    for gone in releases.prune(places):
        tell(f"Deleted the old release {gone}")


def _renew(places: Places, to: Release, services: Services, tell: Tell) -> None:
    """The first release of a box, or the one that runs, once more: there is none to go back to."""
    try:
        _run(places, to, services, tell)
    except MofyError as error:
        note(places, "failed", to.label, str(error))
        raise


def _replace(places: Places, before: Release, to: Release, services: Services, tell: Tell) -> None:
    note(places, "installing", to.label, "")
    releases.begin(places, before)
    try:
        _run(places, to, services, tell, health.expected(places))
    except (MofyError, OSError, KeyboardInterrupt) as error:
        words = str(error) or "it was stopped"
        tell(f"{to.label} does not work ({words}); going back to {before.label}")
        _return(places, to, before, words, services, tell)
        releases.end(places)
        raise MofyError(f"{to.label} does not work: {words}; {before.label} runs again") from None
    releases.remember(places, before)


def _run(places: Places, to: Release, services: Services, tell: Tell, well: frozenset[str] = health.WELL) -> None:
    for path in system_files.place(to.folder, places):
        tell(f"Wrote or removed {path}")
    services.prepare()
    if not places.options.exists() or not places.options.stat().st_size:
        _first_options(places, to, services, tell)
    keys.fit(places, to, tell)
    releases.switch(places, to)
    if not services.running():
        tell("There is no running systemd here: the services start at the next boot")
        return
    before = health.engine(places)
    services.restart()
    try:
        health.settle(places, to.version, services, before, well)
    except MofyError as error:
        words = services.last_words().removeprefix("mofy: ")
        raise MofyError(f"{error}; the engine said: {words}" if words else str(error)) from None
    tell(f"{to.label} runs")


def _first_options(places: Places, to: Release, services: Services, tell: Tell) -> None:
    has_broker = broker.prepare(places, services, tell)
    defaults = (to.folder / "appliance/default.toml").read_text(encoding="utf-8")
    text = system_files.options(defaults, "127.0.0.1" if has_broker else "")
    system_files.write(places.options, text.encode(), 0o640)
    services.prepare()  # which lets the services read it
    tell(f"Wrote {places.options}: the options of this box")


def _return(places: Places, failed: Release, to: Release, words: str, services: Services, tell: Tell) -> None:
    try:
        _give_back(places, services, tell)
        _run(places, to, services, tell)
    except MofyError as error:
        note(places, "failed", failed.label, f"{words}; and {to.label} does not come up either: {error}")
        raise
    note(places, "returned", failed.label, words)


def _give_back(places: Places, services: Services, tell: Tell) -> None:
    # The engine and the page must not have the store open while it is put back.
    services.stop()
    with suppress(StoreError):
        if backup.give_back(places.data):
            tell("The people store is again as it was before the update")

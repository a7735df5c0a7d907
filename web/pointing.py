"""Faces of the newest picture, each with what may be done about it, and what became of earlier wishes."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

from flask_babel import gettext as _

from appliance import store
from appliance.errors import StoreError
from appliance.status import ClaimStatus, Status
from appliance.store.people import Enrolled
from web.languages import clock_time
from web.plain import plain

REFUSED_S = 60.0
"""So long it is told that a wish was refused."""


@dataclass(frozen=True, slots=True)
class Pointed:
    """One face that can be tapped."""

    id: int
    box: tuple[int, int, int, int]
    """x0 y0 x1 y1 in pixels of the frame."""
    state: str
    """covered, pending, shown (enrolled) or guest."""
    label: str
    """Who or what it is, for eyes and screen readers."""
    name: str = ""
    person: str = ""
    """Id of the enrolled person who is shown."""
    claim: str = ""
    """Id of the wish that holds for it."""


@dataclass(frozen=True, slots=True)
class Said:
    """One wish about a face."""

    id: str
    title: str
    about: str
    state: str


def faces(status: Status | None, people: tuple[Enrolled, ...], data: Path) -> list[Pointed]:
    """Those of the newest picture; none where it is not of this moment."""
    if status is None or status.state != "running":
        return []
    names = {person.id: person.name for person in people} | _guests(status, data)
    claims = {claim.track: claim for claim in status.claims if claim.track is not None and claim.state != "refused"}
    return [_pointed(track.id, track.box, track.person, names, claims.get(track.id)) for track in status.tracks]


def _pointed(
    track: int, box: tuple[int, int, int, int], person: str | None, names: dict[str, str], claim: ClaimStatus | None
) -> Pointed:
    wish = claim.id if claim else ""
    if person is not None:
        name = names.get(person, _("Guest"))
        state = "guest" if person.startswith("guest-") else "shown"
        wish = person.removeprefix("guest-") if state == "guest" else wish
        return Pointed(track, box, state, _("%(name)s, shown", name=name), name, person, wish)
    if claim is not None and claim.state == "pending":
        return Pointed(track, box, "pending", _("Looking at this face …"), claim=wish)
    held = claim is not None and claim.kind == "cover"
    label = _("Face %(number)s, kept covered", number=track) if held else _("Face %(number)s, covered", number=track)
    return Pointed(track, box, "covered", label, claim=wish)


def said(status: Status | None, people: tuple[Enrolled, ...], data: Path) -> list[Said]:
    """Wishes about faces that hold, or were refused a short while ago; newest first."""
    if status is None:
        return []
    names = {person.id: person.name for person in people} | _guests(status, data)
    newest_first = sorted(status.claims, key=lambda one: -one.asked_at)
    return [_told(claim, names) for claim in newest_first if not _is_old_news(claim)]


def _is_old_news(claim: ClaimStatus) -> bool:
    return claim.state == "refused" and abs(time.time() - claim.asked_at) > REFUSED_S


def _told(claim: ClaimStatus, names: dict[str, str]) -> Said:
    who = names.get(claim.person or "") or (
        _("Face %(number)s", number=claim.track) if claim.track is not None else _("Somebody")
    )
    about = plain(claim.words).text
    if claim.state != "refused" and claim.until is not None:
        about += " · " + _("until %(moment)s", moment=clock_time(claim.until))
    return Said(claim.id, who, about, claim.state)


def _guests(status: Status, data: Path) -> dict[str, str]:
    """Names of guests by id; where no name was given, or none can be read, a word."""
    named: dict[str, str] = {}
    with contextlib.suppress(StoreError):
        named = {f"guest-{claim.id}": claim.name or "" for claim in store.Desired(data).claims(time.time())}
    return {
        claim.person: named.get(claim.person) or _("Guest")
        for claim in status.claims
        if claim.person is not None and claim.person.startswith("guest-")
    }

"""Wishes about single faces: reveal one as a guest, keep one covered."""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal

from flask import jsonify
from pydantic import Field, StrictInt, StrictStr

from appliance import store
from appliance.errors import InputError
from web.api.blueprint import Answer, Asked, absent, asked, page, who
from web.box import box
from web.reported import report


class Wish(Asked):
    """track and run as the status tells them; person as the list of people does."""

    kind: Literal["reveal", "cover", "cover-person"]
    run: Annotated[StrictStr, Field(max_length=64)] | None = None
    track: Annotated[StrictInt, Field(ge=0, le=2**53)] | None = None
    person: Annotated[StrictStr, Field(max_length=64)] | None = None
    minutes: Annotated[StrictInt, Field(ge=1, le=24 * 60)] | None = None
    name: StrictStr | None = None


@page.get("/claims")
def claims() -> Answer:
    """What holds, and what the engine makes of it."""
    seen = report(box().runtime, time.time()).live
    became = {claim.id: claim for claim in seen.claims} if seen else {}
    found = store.Desired(box().data).claims(time.time())
    return jsonify(claims=[_told(claim, became.get(claim.id)) for claim in found])


@page.post("/claims")
def claim() -> Answer:
    """Say a wish; its id."""
    wanted, desired = asked(Wish), store.Desired(box().data)
    until = None if wanted.minutes is None else time.time() + 60.0 * wanted.minutes
    if wanted.kind == "cover-person":
        if not wanted.person:
            raise InputError("person: the id of somebody enrolled was expected")
        made = desired.cover_person(wanted.person, until, who())
    elif wanted.run is None or wanted.track is None:
        raise InputError("run and track: those of the status were expected")
    elif wanted.kind == "cover":
        made = desired.cover(wanted.run, wanted.track, until, who())
    else:
        ends = time.time() + 3600.0 if until is None else until
        made = desired.reveal(wanted.run, wanted.track, ends, who(), wanted.name)
    return jsonify(id=made), 201


@page.delete("/claims/<claim>")
def withdraw(claim: str) -> Answer:
    """Take a wish back."""
    if not store.Desired(box().data).withdraw(claim, who()):
        absent("claim")
    return "", 204


def _told(claim: Any, became: Any) -> dict[str, Any]:
    return {
        "id": claim.id,
        "kind": claim.kind,
        "run": claim.run,
        "track": claim.track,
        "person": claim.person,
        "name": claim.name,
        "until": claim.until,
        "state": became.state if became else "pending",
        "words": became.words if became else "",
    }

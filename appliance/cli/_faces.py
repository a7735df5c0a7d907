"""What the commands about single faces share: the running engine, and what it makes of a wish."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli._who import WHO
from appliance.errors import InputError, MofyError

if TYPE_CHECKING:
    from appliance.status import ClaimStatus, Status
    from appliance.store import Claim

WAIT_S = 10.0
"""A face is learned, or given up, within half of this on a quick machine."""

LOOK_EVERY_S = 0.1
GUEST = "guest-"
"""Ids of guests begin so, followed by the claim's."""


def number(ctx: click.Context, param: click.Parameter, value: str) -> int:
    """A face's number; raises click.BadParameter that tells where the numbers stand."""
    if not (value.isascii() and value.isdigit() and int(value) > 0):
        raise click.BadParameter(f"{value!r} is no number of a face; `mofy status` tells them", ctx, param)
    return int(value)


def running(data: Path) -> Status:
    """What the engine reports; raises InputError when none is running."""
    from appliance import status

    now = status.read(status.runtime_folder(data))
    if status.is_stale(now, time.time()):
        raise InputError("the engine does not answer: faces have numbers only while it runs")
    return now


def outcome(data: Path, claim: str) -> ClaimStatus:
    """What became of a claim that was just made; raises MofyError when it was refused or nobody answers."""
    from appliance.store import Desired

    asked_at = next((one.asked_at for one in Desired(data).claims(0.0) if one.id == claim), None)
    if asked_at is None:
        raise MofyError("somebody else took it back this very moment")
    end_at = time.monotonic() + WAIT_S
    while time.monotonic() < end_at:
        for told in running(data).claims:
            if told.id == claim and told.asked_at == asked_at and told.state != "pending":
                if told.state == "refused":
                    Desired(data).withdraw(claim, WHO)
                    raise MofyError(f"face {told.track}: {told.words}")
                return told
        time.sleep(LOOK_EVERY_S)
    raise MofyError("the engine has not answered yet; `mofy guests` shows what becomes of it")


def take_back(data: Path, kind: str, track: int | None = None, person: str | None = None) -> None:
    """Withdraw this wish; raises InputError when there is none."""
    from appliance.store import Desired

    wished = [one for one in Desired(data).claims(0.0) if (one.kind, one.track, one.person) == (kind, track, person)]
    for claim in wished:
        Desired(data).withdraw(claim.id, WHO)
    if not wished:
        raise InputError("nothing of the kind is wished; `mofy guests` lists what is")


def moment_told(until: float | None) -> str:
    """Until when, for a person."""
    if until is None:
        return "until taken back"
    near = abs(until - time.time()) < 12 * 3600
    return time.strftime("until %H:%M" if near else "until %Y-%m-%d %H:%M", time.localtime(until))


def named(data: Path, claim: Claim) -> str:
    """Whom a claim is about, for a person."""
    if claim.kind == "reveal":
        return f"{claim.name or 'a guest'} (face {claim.track})"
    if claim.person is None:
        return f"face {claim.track}"
    return _name(data, claim.person)


def _name(data: Path, person: str) -> str:
    from appliance.errors import StoreError
    from appliance.store import Desired, Store

    if person.startswith(GUEST):
        guests = {one.id: one.name for one in Desired(data).claims(0.0)}
        return guests.get(person[len(GUEST) :]) or "a guest"
    try:
        return next((one.name for one in Store.open(data).people() if one.id == person), "somebody removed")
    except StoreError:
        return f"person {person}"


def person_id(data: Path, name: str) -> str:
    """Id of the guest or enrolled person of this name; raises InputError."""
    from appliance.store import Desired, Store
    from appliance.store.people import clean_name, same_name

    wanted = same_name(clean_name(name))
    for claim in Desired(data).claims(time.time()):
        if claim.kind == "reveal" and claim.name is not None and same_name(claim.name) == wanted:
            return f"{GUEST}{claim.id}"
    return Store.open(data).known(name).id

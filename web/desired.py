"""What is wished of the box: read for the page, and edited in its name. Every change is in the store's audit."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from pathlib import Path

from appliance import store
from appliance.errors import InputError, StoreError
from appliance.live import panic, wishes
from appliance.options import Mode
from appliance.store import Store
from appliance.store.people import Enrolled
from web.box import box

WHO = "page"
"""The page's name in the audit."""


@dataclass(frozen=True, slots=True)
class Desired:
    """All that is wished at one moment."""

    mode: Mode
    people: tuple[Enrolled, ...] = ()
    fault: str | None = None
    """Why people cannot be listed, in words."""
    options: tuple[tuple[str, str], ...] = ()
    """How the picture is wished to look."""

    @property
    def digest(self) -> str:
        """The same as long as nothing has changed, whoever changes it."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


def desired(data: Path) -> Desired:
    """What the store in the folder says; no store yet means that nothing was wished."""
    wished = wishes.wishes(data)
    options = tuple(sorted((key, str(value)) for key, value in wished.options.items()))
    try:
        people = Store.open(data).people() if store.Desired(data).anybody_enrolled() else []
    except StoreError as error:
        return Desired(wished.mode, fault=str(error), options=options)
    return Desired(wished.mode, tuple(people), options=options)


def note(who: str, what: str) -> None:
    """Leave a line in the audit of what changed at the door; where nothing can be stored, none."""
    with contextlib.suppress(StoreError):
        Store.open(box().data, create=True).note(who, what)


def wish_mode(data: Path, mode: Mode) -> None:
    """Show selectively, or nobody, though it cannot be saved; raises StoreError where more would be shown."""
    panic.wish_mode(data, mode, WHO)


def wish_shown(data: Path, person: str, shown: bool) -> None:
    """Switch a person (by id) on or off; raises InputError when there is none, StoreError."""
    people = Store.open(data)
    found = next((one for one in people.people() if one.id == person), None)
    if found is None:
        raise InputError("this person is not enrolled any more")
    people.change(found, WHO, enabled=shown)

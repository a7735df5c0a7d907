"""What a command does with the fleet: connects for a moment, does it, and goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from appliance.errors import InputError
from appliance.fleet.agent import forget_files, opened
from appliance.fleet.pace import USUAL, Pace
from appliance.fleet.roll import describe
from appliance.fleet.session import Session
from appliance.store import Store
from appliance.store.membership import Fleet, Member

READY_S = 60.0
"""So long to read all that the broker holds."""

CONNECT_S = 10.0

TRIES = 5
"""Of a session that is overtaken by a change of the key before all is read."""

AT_LEAST_S = 1.0
"""So long for a wish to be sent and obeyed, though the time is up."""

SETTLE_S = 60.0
"""So long to tell everything anew under a new key; the other boxes do what is left."""


@contextmanager
def errand(store: Store, data: Path, ready: bool = True, pace: Pace = USUAL) -> Iterator[Session]:
    """A session that does not speak for the box; ready: everything has been read. Raises InputError."""
    for _ in range(TRIES):
        session = opened(store, the_fleet(store), data, lambda: describe(data), True, pace)
        try:
            if ready and not _read(session):
                continue
            yield session
            return
        finally:
            session.close()
    raise InputError("the fleet is changing its key just now; try again in a moment")


def _read(session: Session) -> bool:
    """Read all that the broker holds; False when the key was changed meanwhile. Raises InputError."""
    end_at = time.monotonic() + READY_S
    connect_by = time.monotonic() + CONNECT_S
    while not session.ready:
        now = time.monotonic()
        lost = session.connection.fault if now > connect_by or session.connection.refused else None
        if lost or now > end_at:
            raise InputError(f"the fleet's broker {lost or 'does not tell what it holds'}")
        if not session.step():
            return False
    if session.council.fault is not None:
        raise InputError(session.council.fault)
    return True


def the_fleet(store: Store) -> Fleet:
    """The fleet this box is in; raises InputError when it is in none."""
    fleet = store.membership().fleet()
    if fleet is None:
        raise InputError("this box is in no fleet; `mofy fleet invite` begins one, `mofy fleet join` enters one")
    return fleet


def rotate(store: Store, data: Path, out: Sequence[str] = (), pace: Pace = USUAL) -> int:
    """Change the key, and leave these boxes (ids or names) out; returns the new key's number. Raises InputError."""
    with errand(store, data, pace=pace) as session:
        leaving = [found(session.circle.members.values(), box) for box in out]
        if session.fleet.box in {member.box for member in leaving}:
            raise InputError("this box cannot take itself out with --without; use `mofy fleet leave`")
        store.membership().put_members([replace(member, removed=session.fleet.epoch) for member in leaving])
        session.circle.look()
        session.council.succession.rotate([member.box for member in leaving], session.exchange.deleted)
        over, carried = _until_over(session), session.council.succession.carried
        if not over:
            raise InputError("the new key did not come back from the broker, which may not let this box write there")
    with errand(store, data, pace=pace) as session:
        session.council.modes.say_again(carried)
        settle(session)
        return session.fleet.epoch


def leave(store: Store, data: Path, who: str, keep_people: bool, forced: bool) -> int:
    """Take this box out; returns how many people of other boxes were removed. Raises InputError."""
    if not forced:
        with errand(store, data) as session:
            gone = session.own_card().model_copy(update={"left": True, "online": False})
            session.council.tell(gone)
            box, cards = session.fleet.box, session.circle.cards
            told = _until(session, lambda: box in cards and cards[box].left, 10.0)
            if not told:
                raise InputError("the broker does not pass on that this box leaves; --force leaves without a word")
    dropped = store.membership().leave(who, keep_people)
    forget_files(data)
    return dropped


def wish(session: Session, data: Path, boxes: Sequence[str], mode: str, timeout_s: float) -> dict[str, bool]:
    """Wish members (by id) to be in a mode; which of them said within the time that they are.

    Where the key is changed meanwhile it is wished again under the new one. Raises InputError.
    """
    end_at = time.monotonic() + timeout_s
    obeyed = _wished(session, boxes, mode, end_at)
    while session.over:
        with errand(session.store, data) as session:
            left = [box for box in boxes if not obeyed[box]]
            obeyed |= _wished(session, left, mode, end_at)
    return obeyed


def _wished(session: Session, boxes: Sequence[str], mode: str, end_at: float) -> dict[str, bool]:
    numbers = {box: session.council.modes.wish(box, mode) for box in boxes}

    def obeys(box: str) -> bool:
        card = session.circle.cards.get(box)
        # The mode alone would not do: a card that is not yet told anew may name the mode from before another wish.
        return card is not None and card.obeyed >= numbers[box] and card.mode == mode

    _until(session, lambda: all(obeys(box) for box in boxes), max(end_at - time.monotonic(), AT_LEAST_S))
    return {box: obeys(box) for box in boxes}


def found(members: Iterable[Member], wanted: str) -> Member:
    """The member of this id or name; raises InputError unless there is exactly one."""
    there = [one for one in members if not one.removed]
    fitting = [one for one in there if one.box == wanted] or [one for one in there if one.name == wanted]
    if len(fitting) != 1:
        what = "no box of the fleet is" if not fitting else "several boxes of the fleet are"
        raise InputError(f"{what} called {wanted!r}; `mofy fleet members` lists them, the id always works")
    return fitting[0]


def settle(session: Session) -> bool:
    """Until nothing is owed to anybody and the others know this box; False when it takes too long."""
    return _until(session, lambda: session.exchange.settled and session.fleet.box in session.circle.cards, SETTLE_S)


def attend(session: Session, lasts_s: float) -> bool:
    """Hear for so long; False when another session must follow."""
    _until(session, lambda: False, lasts_s)
    return not session.over


def _until(session: Session, check: Callable[[], bool], timeout_s: float) -> bool:
    end_at = time.monotonic() + timeout_s
    while not check() and time.monotonic() < end_at:
        if not session.step():
            return False
    return check()


def _until_over(session: Session, timeout_s: float = 10.0) -> bool:
    end_at = time.monotonic() + timeout_s
    while time.monotonic() < end_at:
        if not session.step():
            return True
    return False

"""When the box opens a Wi-Fi of its own, and when it goes back into a known one. Pure: facts in, one deed out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

LONELY_S = 20.0
"""Without any network for so long, the box opens its own."""

MOST_LONELY_S = 45.0
"""The same while something is just being connected: a slow router takes its time, a dead one for ever."""

RETRY_SEEN_S = 60.0
"""In its own network, with nobody in it, a known Wi-Fi that is in sight is tried again this often."""

RETRY_BLIND_S = 600.0
"""The same for known ones out of sight: many radios see nothing while they are an access point."""


class Deed(Enum):
    """What is to be done now."""

    NOTHING = "nothing"
    OPEN = "open the own network"
    CLOSE = "close it"
    RETRY = "leave it for a known Wi-Fi"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a look at the machine's networks found."""

    at_s: float
    """Of a clock that only goes forward."""
    radio: bool
    """There is a Wi-Fi device that can be used."""
    linked: bool = False
    """In a network that is not the own one: a cable or a Wi-Fi."""
    connecting: bool = False
    """A device is about to be in one."""
    own: bool = False
    """The own network is open."""
    guests: int | None = None
    """How many are in the own network; None: that cannot be told."""
    known: frozenset[str] = frozenset()
    """Names of the Wi-Fis that could be joined."""
    in_sight: frozenset[str] = frozenset()
    """Names of those in reach, as far as can be seen."""


@dataclass(frozen=True, slots=True)
class State:
    """What is remembered from one look to the next."""

    kept: bool = False
    """Somebody asked for the own network: it stays, whatever else is there."""
    allowed: bool = True
    """The box may open its own network by itself."""
    lonely_since_s: float | None = None
    """When the last network was lost; None in one."""
    tried_at_s: float | None = None
    """When the own network was opened, or last left in vain for a known Wi-Fi."""


def decide(state: State, facts: Facts) -> tuple[State, Deed]:
    """One look: what to remember, what to do."""
    if facts.own:
        return _in_own(replace(state, lonely_since_s=None), facts)
    state = replace(state, tried_at_s=None)
    if state.kept and facts.radio:
        return replace(state, lonely_since_s=None), Deed.OPEN
    if facts.linked:
        return replace(state, lonely_since_s=None), Deed.NOTHING
    since = facts.at_s if state.lonely_since_s is None else min(state.lonely_since_s, facts.at_s)
    lonely_s = facts.at_s - since
    patience_s = MOST_LONELY_S if facts.connecting else LONELY_S
    may = state.allowed and facts.radio and lonely_s >= patience_s
    return replace(state, lonely_since_s=since), Deed.OPEN if may else Deed.NOTHING


def asked(state: State, own: bool) -> State:
    """Somebody wants the own network, or wants it no more."""
    return replace(state, kept=own, lonely_since_s=None)


def _in_own(state: State, facts: Facts) -> tuple[State, Deed]:
    since = facts.at_s if state.tried_at_s is None else state.tried_at_s
    state = replace(state, tried_at_s=since)
    if state.kept:
        return state, Deed.NOTHING
    if not state.allowed:
        return state, Deed.CLOSE
    # Whoever is in it, or may be, would be cut off in the middle of what he does.
    if facts.guests is None or facts.guests > 0:
        return replace(state, tried_at_s=facts.at_s), Deed.NOTHING
    if facts.linked:
        return state, Deed.CLOSE
    every_s = RETRY_SEEN_S if facts.known & facts.in_sight else RETRY_BLIND_S
    if facts.known and facts.at_s - since >= every_s:
        return replace(state, tried_at_s=facts.at_s), Deed.RETRY
    return state, Deed.NOTHING

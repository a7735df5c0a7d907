"""Which of several versions of a person counts, wherever and in whatever order they are heard.

Each box holds one `Revision` for each person. Revisions are totally ordered, a box only ever moves up, and what two
boxes know together is the greater of both: whoever heard the same things, in any order and any number of times, holds
the same (a join semilattice; Shapiro et al., "Conflict-free Replicated Data Types", 2011). No clock is read: a counter
of each person rises with every edit (Lamport, 1978), so an edit made by someone who had heard another always wins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MOST_COUNTER = 2**53
"""No person is edited so often: a larger counter is damage, and would leave no room above it."""


@dataclass(frozen=True, slots=True, order=True)
class Revision:
    """One version of a person; the fields are compared in this order."""

    gone: bool
    """Deleted: above every edit, so that neither an older nor a simultaneous nor a later one undoes it."""
    counter: int = 0
    """Edits on the way to this version."""
    box: str = ""
    """Who made it: decides between two that were made at once."""
    nonce: str = ""
    """Drawn for each edit: decides between two boxes that take themselves for one (a copied card, an old backup)."""


NEVER = Revision(gone=False)
"""Below every version: nothing was heard of this person."""

GONE = Revision(gone=True)
"""Every deletion, whoever did it: above every edit. Its person id is never used again."""


def edited(before: Revision, box: str, nonce: str) -> Revision:
    """The version after an edit on this box; before must not be gone."""
    return Revision(False, before.counter + 1, box, nonce)


def owed(mine: Mapping[str, Revision], heard: Mapping[str, Revision]) -> Iterator[str]:
    """Ids of people of whom the others (heard: what they would hear now) lack our version."""
    return (person for person, revision in mine.items() if revision > heard.get(person, NEVER))

"""Where a fleet's messages are: everything lies under mofy/fleet/<fleet>."""

from __future__ import annotations

import re
from dataclasses import dataclass

ROOT = "mofy/fleet"
PERSON = re.compile(r"[0-9a-f]{16}\Z")
BOX = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
SHARDS = "0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one fleet."""

    fleet: str

    def person(self, person: str) -> str:
        """Of one person. In sixteen parts, read one after the other: brokers drop what they cannot queue at once."""
        return f"{ROOT}/{self.fleet}/people/{person[0]}/{person}"

    def shard(self, shard: str) -> str:
        """Of every person whose id begins so."""
        return f"{ROOT}/{self.fleet}/people/{shard}/+"

    def box(self, box: str) -> str:
        """A member's card."""
        return f"{ROOT}/{self.fleet}/boxes/{box}"

    def mode(self, box: str) -> str:
        """What mode a member is wished to be in."""
        return f"{ROOT}/{self.fleet}/modes/{box}"

    def key(self, epoch: int | str) -> str:
        """The rotation that made the key of this epoch."""
        return f"{ROOT}/{self.fleet}/keys/{epoch}"

    def ask(self, invitation: str) -> str:
        """Where who was invited asks to be let in."""
        return f"{ROOT}/{self.fleet}/join/{invitation}/ask"

    def answer(self, invitation: str) -> str:
        """Where it is answered."""
        return f"{ROOT}/{self.fleet}/join/{invitation}/answer"

    def mark(self, session: str) -> str:
        """What a box tells itself, to know that it has read all that came before."""
        return f"{ROOT}/{self.fleet}/marks/{session}"

    def parts(self, topic: str) -> list[str]:
        """What stands behind the fleet's own part; empty when the topic is another's."""
        start = f"{ROOT}/{self.fleet}/"
        return topic[len(start) :].split("/") if topic.startswith(start) else []

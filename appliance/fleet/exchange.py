"""People, told and heard: what the broker holds of each person is brought to what is known here, and the reverse.

There is no outbox: whatever the broker holds less of than this box is owed, after an outage, a lost message or a
broker that forgot everything alike. What this box sends comes back to it, and only that counts as delivered.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Sequence

from appliance.core.replication import NEVER, Revision, owed
from appliance.errors import InputError
from appliance.fleet import envelope, letters, telling
from appliance.fleet.pace import USUAL, Pace
from appliance.fleet.topics import PERSON, SHARDS, Topics
from appliance.mqtt.message import Message
from appliance.store.membership import Fleet
from appliance.store.shared import Heard, Shared

log = logging.getLogger(__name__)

MOST_UNDER_WAY = 16
"""People sent that have not come back yet: a thousand are not queued at once."""


class Exchange:
    """One box's people over one connection. No thread and no socket: `hear` and `tick` are called by one thread."""

    def __init__(
        self,
        shared: Shared,
        fleet: Fleet,
        send: Callable[[Message], bool],
        between: Callable[[float, float], float] = random.uniform,
        pace: Pace = USUAL,
    ) -> None:
        self._shared = shared
        self._fleet = fleet
        self._topics = Topics(fleet.id)
        self._send = send
        self._between = between
        self._pace = pace
        self._mine = shared.revisions()
        self._there: dict[str, Revision] = {}
        self._older_key: set[str] = set()
        self._prompt: set[str] = set()
        self._due: dict[str, float] = {}
        self._tries: dict[str, int] = {}
        self._told_at: dict[str, float] = {}
        self._sent: set[str] = set()
        self._stale = True
        self._read: set[str] = set()
        self.too_large: set[str] = set()
        """People whose photos do not fit into a message."""

    @property
    def settled(self) -> bool:
        """True when everybody was read and nobody is owed."""
        return self._read == set(SHARDS) and not self._stale and self._due.keys() <= self.too_large

    @property
    def deleted(self) -> list[str]:
        """Ids of everybody known to be deleted, in order."""
        return sorted(person for person, revision in self._mine.items() if revision.gone)

    def begin(self) -> None:
        """A connection was made: nothing is known of what the broker holds."""
        for kept in (self._there, self._older_key, self._due, self._tries, self._sent, self._read):
            kept.clear()
        self._stale = True

    def shard_read(self, shard: str) -> None:
        """All that the broker holds of these people has been heard."""
        self._read.add(shard)
        self._stale = True

    def look(self) -> None:
        """The store has changed: what was changed here is told at once. Raises StoreError."""
        now = self._shared.revisions()
        self._prompt |= {person for person, revision in now.items() if self._mine.get(person) != revision}
        self._mine = now
        self._stale = True

    def hear(self, messages: Sequence[Message], ahead: bool) -> list[Heard]:
        """Take over what people messages say that is newer; returns it. Raises StoreError.

        ahead: the fleet has gone on to a newer key that this box lacks, so that what it cannot read may be right.
        """
        newer: dict[str, Heard] = {}
        for message in messages:
            person = message.topic.rpartition("/")[2]
            if PERSON.match(person) and message.topic == self._topics.person(person):
                said = self._said(message, person, ahead, newer)
                self._there[person] = said
                if said == NEVER:
                    # Nothing is kept of ids that anybody may make up.
                    del self._there[person]
                if said >= self._mine.get(person, NEVER):
                    self._due.pop(person, None)
                    self._tries.pop(person, None)
                self._sent.discard(person)
                self._stale = True
        taken = self._shared.take(list(newer.values())) if newer else []
        if taken:
            # Not `look`: what was taken over just now is not to be told.
            self._mine |= {heard.id: heard.revision for heard in taken}
        return taken

    def tick(self, now: float) -> None:
        """Send what is due at `now` (seconds of any steady clock). Raises StoreError."""
        if self._stale:
            self._plan(now)
        for person in sorted(self._due, key=self._due.__getitem__):
            if self._due[person] > now:
                break
            if len(self._sent) < MOST_UNDER_WAY or person in self._sent:
                self._tell(person, now)

    def _plan(self, now: float) -> None:
        lacking = {person for person in owed(self._mine, self._there) if person[0] in self._read}
        for person in self._due.keys() - lacking:
            del self._due[person]
            self._tries.pop(person, None)
            self._sent.discard(person)
        for person in lacking - self._due.keys():
            # Whoever keeps writing over what we say must not make us say it ever faster.
            rested = self._told_at.get(person, float("-inf")) + self._pace.rest_s
            self._due[person] = max(now + self._patience(person), rested)
        for person in lacking & self._prompt:
            self._due[person] = now
        self._prompt -= self._read_ones(self._prompt)
        self._stale = False

    def _read_ones(self, people: set[str]) -> set[str]:
        return {person for person in people if person[0] in self._read}

    def _patience(self, person: str) -> float:
        if person in self._older_key:
            return 0.0 if self._fleet.rotator == self._fleet.box else self._between(*self._pace.after_rotation_s)
        ours = person in self._prompt or self._mine[person].box == self._fleet.box
        return 0.0 if ours else self._between(*self._pace.others_s)

    def _tell(self, person: str, now: float) -> None:
        tries = self._tries.get(person, 0)
        self._due[person] = now + min(self._pace.again_s[0] * 2**tries, self._pace.again_s[1])
        self._tries[person] = min(tries + 1, 10)
        self._told_at[person] = now
        heard = self._shared.person(person)
        if heard is None:
            return
        try:
            message = letters.sealed(self._fleet, self._topics.person(person), telling.told(heard))
        except InputError as error:
            if person not in self.too_large:
                log.warning("fleet: person %s cannot be told to the other boxes: %s", person, error)
            self.too_large.add(person)
            return
        self.too_large.discard(person)
        if self._send(message):
            self._sent.add(person)
        else:
            self._due[person] = now + 1.0

    def _said(self, message: Message, person: str, ahead: bool, newer: dict[str, Heard]) -> Revision:
        """The version that the broker now holds; what is newer than ours goes into `newer`."""
        mine = self._mine.get(person, NEVER)
        self._older_key.discard(person)
        try:
            content = envelope.open_(self._fleet.key, message.topic, message.payload)
            revision = telling.revision(content, person)
            if revision > max(mine, newer[person].revision if person in newer else NEVER):
                newer[person] = telling.understood(content, person)
            return revision
        except envelope.UnreadableError as unreadable:
            if 0 < unreadable.epoch < self._fleet.epoch:
                if mine != NEVER:
                    self._older_key.add(person)
                elif self._fleet.rotator == self._fleet.box:
                    # What was told of somebody whom everybody has forgotten would lie at the broker for ever.
                    self._send(letters.erased(message.topic))
            # Of two boxes with different keys only the one that is ahead may insist, or they would never end.
            return mine if ahead and unreadable.epoch > self._fleet.epoch else NEVER
        except telling.NewerError:
            log.warning("fleet: person %s was told by a newer MOFY; update this one", person)
            return mine
        except InputError as error:
            log.warning("fleet: %s", error)
            return NEVER

"""Who may be shown, if anybody, and how, as the store says now. Whatever is wrong with it, nobody is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from appliance.core.identity import NOBODY, Gallery
from appliance.errors import StoreError
from appliance.live import panic
from appliance.live.wishes import Wishes, stricter, wishes
from appliance.options import Mode
from appliance.store import DATABASE, KEY, Claim, Desired, gallery_or_nobody
from appliance.store.records import Widen
from appliance.store.watch import Watch

ASK_EVERY_S = 0.05
"""How often the store is asked: a deleted person must be covered within 150 ms."""

RETRY_S = 1.0
"""How often a store that could not be read is tried again although nothing in it changed."""

MOST_READS = 4
"""What changes while it is read is read so often; if it goes on, everyone is covered until the next look."""

_Moment = tuple[int | str, Mode]
"""Version of the store, or why it has none, and the mode that is held: the same as long as nothing has changed."""


class PeopleWatch:
    """Asked by the line's thread before every frame."""

    def __init__(
        self,
        folder: Path,
        model: str,
        now: Callable[[], float] = time.monotonic,
        epoch: Callable[[], float] = time.time,
        runtime: Path | None = None,
        widen: Widen | None = None,
    ) -> None:
        """model: the id of the embedder whose templates count; now, epoch: seconds that pass, and of the day.

        runtime: the folder in which a mode may be held that could not be saved. widen: as gallery_or_nobody has it.
        """
        self._widen = widen
        self._folder = folder
        self._model = model
        self._now = now
        self._now_epoch = epoch
        self._watch = Watch(folder / DATABASE, folder / KEY)
        self._runtime = runtime
        self._seen: _Moment | None = None
        self._asked_at = float("-inf")
        self._read_at = float("-inf")
        self._unread = False
        """True while anything of what was last asked for could not be read: then it is asked for again."""
        self.people: Gallery = NOBODY
        self.wishes = Wishes()
        self.claims: tuple[Claim, ...] = ()
        """Wishes about single faces, whatever run of the engine they were said to."""
        self.sound = False
        """False while it cannot be known who is enrolled: then nobody is shown, no guest either."""
        self.fault: str | None = None
        """Why nobody, or not everybody, can be shown; in words."""

    @property
    def asked(self) -> bool:
        """True once the store was looked at: until then nothing is known of what is wished."""
        return self._seen is not None

    def changed(self) -> bool:
        """True when `people`, `wishes` or `claims` was read anew since the last call."""
        now = self._now()
        if now - self._asked_at < ASK_EVERY_S:
            return False
        self._asked_at = now
        moment = self._moment()
        if moment == self._seen and not (self._unread and now - self._read_at > RETRY_S):
            return False
        self._read_at = now
        before = (self.wishes, self.claims, self.sound)
        nobody_yet = not self.people.people
        self._seen = self._read(moment)
        return (self.wishes, self.claims, self.sound) != before or not (nobody_yet and not self.people.people)

    def close(self) -> None:
        """Let go of the store."""
        self._watch.close()

    def _read(self, moment: _Moment) -> _Moment:
        """Read everything as it was at one moment, which is returned; else (written to all the time) cover everyone."""
        for _ in range(MOST_READS):
            self._read_once(moment[1])
            # The mode of one moment and the people of another may show somebody who was to be shown at neither.
            before, moment = moment, self._moment()
            if moment == before:
                return moment
        self.wishes = replace(self.wishes, mode=stricter(self.wishes.mode, "cover-everyone"))
        return before

    def _read_once(self, held: Mode) -> None:
        wished = wishes(self._folder, self.wishes)
        self.wishes = replace(wished, mode=stricter(wished.mode, held))
        claims = self._claims()
        self.claims = self._without_guests() if claims is None else claims
        self.people, self.fault = gallery_or_nobody(self._folder, self._model, self._widen)
        nobody_known = self.fault is not None and not self.people.people
        self._unread = wished.unread or claims is None or nobody_known
        self.sound = bool(self.people.people) or self.fault is None or self._nobody_enrolled()

    def _moment(self) -> _Moment:
        held: Mode = "selective" if self._runtime is None else panic.held(self._runtime)
        return self._version(), held

    def _claims(self) -> tuple[Claim, ...] | None:
        """None where they cannot be read."""
        try:
            return Desired(self._folder).claims(self._now_epoch())
        except Exception:  # whatever the reason, as in store.gallery_or_nobody
            return None

    def _without_guests(self) -> tuple[Claim, ...]:
        """What holds of the claims known so far when they cannot be read: whoever was covered stays so."""
        return tuple(claim for claim in self.claims if claim.kind != "reveal")

    def _nobody_enrolled(self) -> bool:
        try:
            return not Desired(self._folder).anybody_enrolled()
        except Exception:  # as above
            return False

    def _version(self) -> int | str:
        try:
            return self._watch.version()
        except StoreError as error:
            return str(error)

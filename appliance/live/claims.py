"""What the engine makes of the wishes about single faces: reveal as a guest, keep covered. Cover always wins."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from appliance.core.identity import NOBODY, Gallery, gallery, unit
from appliance.live import guests
from appliance.live.guests import Reveal
from appliance.live.numbers import Numbers
from appliance.options import Mode
from appliance.pipeline import Pipeline
from appliance.status import ClaimStatus
from appliance.store import Claim

SAME_FACE = 0.45
"""Similarity from which a guest may be somebody who is wished covered: then the guest is covered too."""

EARLIER_RUN = "said of an earlier run of the engine, whose numbers of faces mean nothing now"


class Claims:
    """Belongs to the line's thread; `report` may be read by any."""

    def __init__(self, run: str, now: Callable[[], float], numbers: Numbers) -> None:
        """run: the engine's run, to which the numbers of faces belong; now: epoch seconds."""
        self.run = run
        self._now = now
        self._numbers = numbers
        self._claims: tuple[Claim, ...] = ()
        self._enrolled = NOBODY
        self._reveals: dict[str, Reveal] = {}
        self._behind: dict[str, frozenset[str]] = {}
        """By claim: who was known as a track at the moment it was wished covered."""
        self._meant: dict[str, int] = {}
        """By claim: the track that its number meant, which the numbers themselves forget in time."""
        self.report: tuple[ClaimStatus, ...] = ()

    def obey(
        self, claims: Sequence[Claim], enrolled: Gallery, mode: Mode, pipeline: Pipeline, sound: bool = True
    ) -> None:
        """Take over what is wished now; frames still waiting obey as well. sound: False when nobody may be shown."""
        self._claims, self._enrolled = tuple(claims), enrolled
        self._drop_ended()
        for claim in self._claims:
            if claim.kind == "cover" and claim.run == self.run and claim.id not in self._behind:
                self._behind[claim.id] = _known_as(self._track(claim), pipeline)
        self._cover(pipeline)
        for claim in self._claims:
            if claim.kind == "reveal":
                self._reveals[claim.id] = self._revealed(claim, mode, pipeline, sound)
        self._put(pipeline)

    def turn(self, pipeline: Pipeline) -> None:
        """After each frame: go on learning, and end what has ended."""
        changed = self._drop_ended()
        for key, reveal in self._reveals.items():
            if reveal.state == "pending":
                self._reveals[key] = guests.continued(reveal, pipeline)
                changed |= self._reveals[key].state != "pending"
                if self._reveals[key].state == "active":
                    pipeline.learned(reveal.track)
        if changed:
            self._put(pipeline)
        elif self._claims:
            self._tell(pipeline)

    def _revealed(self, claim: Claim, mode: Mode, pipeline: Pipeline, sound: bool) -> Reveal:
        before = self._reveals.get(claim.id)
        if before is not None and before.state == "active" and sound:
            return before.renewed(claim)
        if before is not None and before.state == "refused" and before.claim.asked_at == claim.asked_at:
            return before
        reveal = before.renewed(claim) if before and before.state == "pending" else self._begun(claim, pipeline)
        if claim.run != self.run:
            return reveal.refused(EARLIER_RUN)
        if not sound:
            return reveal.refused("who is enrolled cannot be read, and everyone is covered")
        if mode != "selective":
            return reveal.refused(f"the mode is {mode}, which shows nobody; change it first")
        if reveal.track in self._covered_tracks():
            return reveal.refused("this face is wished covered; take that back first")
        return reveal

    def _begun(self, claim: Claim, pipeline: Pipeline) -> Reveal:
        return guests.begun(claim, self._numbers.face(claim.track), pipeline)

    def _track(self, claim: Claim) -> int:
        """The track that is meant, whatever became of it since."""
        face = self._numbers.face(claim.track) if claim.run == self.run else None
        if face is not None:
            self._meant[claim.id] = face[0]
        return self._meant.get(claim.id, guests.NOBODYS)

    def _drop_ended(self) -> bool:
        """Forget what holds no more; True when there was anything."""
        now = self._now()
        held = tuple(claim for claim in self._claims if claim.holds(now))
        ids = {claim.id for claim in held}
        gone = [known.pop(key) for known in (self._reveals, self._behind, self._meant) for key in known.keys() - ids]
        ended, self._claims = len(held) < len(self._claims) or bool(gone), held
        return ended

    def _put(self, pipeline: Pipeline) -> None:
        """Into the pipeline: whom to compare with, whom to look at, whom to cover."""
        shown = [reveal.guest for reveal in self._reveals.values() if reveal.guest]
        pipeline.enrol(gallery([*self._enrolled.people, *shown]) if shown else self._enrolled)
        pipeline.attend([reveal.track for reveal in self._reveals.values() if reveal.state == "pending"])
        self._cover(pipeline)
        self._tell(pipeline)

    def _tell(self, pipeline: Pipeline) -> None:
        covered = self._covered_people()
        self.report = tuple(self._told(claim, covered, pipeline) for claim in self._claims)

    def _cover(self, pipeline: Pipeline) -> None:
        pipeline.keep_covered(self._covered_tracks(), self._covered_people())

    def _covered_tracks(self) -> frozenset[int]:
        covers = (claim for claim in self._claims if claim.kind == "cover" and claim.run == self.run)
        return frozenset(self._track(claim) for claim in covers)

    def _covered_people(self) -> frozenset[str]:
        """Ids of those wished covered, of those known as a track that is, and of guests who look like any of them."""
        wished = {claim.person for claim in self._claims if claim.person is not None}.union(*self._behind.values())
        shown = [reveal.guest for reveal in self._reveals.values() if reveal.guest]
        centres = {person.id: unit(person.templates.mean(axis=0)) for person in (*self._enrolled.people, *shown)}
        alike = {
            guest.id
            for guest in shown
            if any(float(centres[guest.id] @ centres[one]) >= SAME_FACE for one in wished & centres.keys())
        }
        return frozenset(wished | alike)

    def _told(self, claim: Claim, covered: frozenset[str], pipeline: Pipeline) -> ClaimStatus:
        reveal = self._reveals.get(claim.id)
        if reveal is not None:
            person = reveal.guest.id if reveal.guest else None
            hidden = person in covered or (reveal.state == "active" and reveal.track in self._covered_tracks())
            words = "covered, by another wish" if hidden else reveal.words
            return _status(claim, reveal.state, words, person)
        if claim.kind == "cover" and claim.run != self.run:
            return _status(claim, "refused", EARLIER_RUN)
        if claim.kind == "cover" and guests.in_picture(pipeline, self._track(claim)) is None:
            return _status(claim, "active", "covered; this face is not in the picture now")
        return _status(claim, "active", "covered")


def _status(claim: Claim, state: str, words: str, person: str | None = None) -> ClaimStatus:
    return ClaimStatus(
        claim.id, claim.kind, state, words, claim.track, person or claim.person, claim.until, claim.asked_at
    )


def _known_as(number: int, pipeline: Pipeline) -> frozenset[str]:
    """Ids of the people whom the track of this number was proven to be in what still waits."""
    found = (track for track in pipeline.tracks if track.id == number)
    return frozenset(
        said.person for track in found for said in track.evidence.verifications if said.proven and said.person
    )

"""Guests: faces that are revealed by a wish, learned from their own track and known in memory only.

A guest is never stored, neither looks nor picture: the process that has raw pixels writes no store, no key is needed,
and nothing is left behind when the guest goes. The price is that an engine that starts anew knows no guest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from appliance.core.doubts import GAP_FRAMES
from appliance.core.identity import Person
from appliance.core.study import Study
from appliance.core.tracks import Track
from appliance.pipeline import Pipeline
from appliance.store import Claim

NOBODYS = -1
"""No track has this number."""

NAMELESS = "guest"
"""What is drawn beside a guest without a name."""


@dataclass(frozen=True, slots=True, eq=False)
class Reveal:
    """How far a reveal is."""

    claim: Claim
    state: Literal["pending", "active", "refused"]
    words: str
    """For a person."""
    track: int
    study: Study
    """What was seen of the face; empty once that serves no more."""
    guest: Person | None = None
    """Whoever is shown, when active."""

    def refused(self, why: str) -> Reveal:
        """It cannot be fulfilled, and nothing of the face is kept."""
        return Reveal(self.claim, "refused", why, self.track, Study(self.study.began))

    def renewed(self, claim: Claim) -> Reveal:
        """The same with another end and name."""
        guest = self.guest and replace(self.guest, name=claim.name or NAMELESS, expires_at=claim.until)
        return replace(self, claim=claim, guest=guest)


def begun(claim: Claim, face: tuple[int, int] | None, pipeline: Pipeline) -> Reveal:
    """Begin to learn the face of a reveal: a track, and when it was doubted last as somebody pointed at it."""
    number, doubted_at = face or (NOBODYS, 0)
    reveal = Reveal(claim, "pending", "looking at this face", number, Study(pipeline.newest))
    track = in_picture(pipeline, number)
    if track is None:
        return reveal.refused("this face is not in the picture any more")
    if _is_shown(pipeline, track):
        return reveal.refused("this face is shown already")
    if track.doubted_at != doubted_at:
        return reveal.refused("another face came too near since, and it may be another one now; choose it anew")
    return reveal


def continued(reveal: Reveal, pipeline: Pipeline) -> Reveal:
    """A pending one after another frame."""
    track, study = in_picture(pipeline, reveal.track), reveal.study
    if track is None:
        return reveal.refused("this face left before it was known")
    if track.doubted_at > study.began:
        return reveal.refused("another face came too near; try again when they are apart")
    for look, embedding in pipeline.studied:
        if look.track.id == track.id:
            if study.contradicted(embedding, look.quality):
                return reveal.refused("this was not the same face all the time; try again")
            study = study.added(embedding, look.quality)
    if not study.is_done(pipeline.newest):
        return replace(reveal, study=study)
    if not study.suffices:
        small = track.last.box.size < pipeline.settings.min_face_px
        return reveal.refused("this face is too small" if small else "this face could not be seen well enough")
    claim = reveal.claim
    guest = Person(f"guest-{claim.id}", claim.name or NAMELESS, study.templates(), claim.until)
    words = "shown as a guest wherever this face is recognised"
    return Reveal(claim, "active", words, reveal.track, Study(study.began), guest)


def in_picture(pipeline: Pipeline, number: int) -> Track | None:
    """The track of this number, if its face is in the picture now."""
    for track in pipeline.tracks:
        if track.id == number and track.ended_at is None and pipeline.newest - track.last.frame <= GAP_FRAMES:
            return track
    return None


def _is_shown(pipeline: Pipeline, track: Track) -> bool:
    report = pipeline.last_report
    return report is not None and any(face.track == track.id and face.verdict.shows for face in report.faces)

"""What is known of a face that is followed: where it was seen, how it moves, who it may be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from appliance.core.faces import Face, Landmarks
from appliance.core.geometry import Box
from appliance.core.identity import Evidence
from appliance.core.slips import Slip

SURE = 0.6
"""Probability from which a track is taken for a face."""

GLIMPSED = 0.4
"""The same for a face whose shot ends before it could be seen again, and for photos: annoy rather than leak. On 197
photos of crowds this covers 0.90 of the faces of 12 to 20 px (0.86 at SURE), for 3.4 boxes a photo that are no
labelled face."""

GLIMPSE_FRAMES = 10
"""Frames within which a face that is there is as good as always seen again."""

STEADY_AFTER = 3
"""Sightings from which on a track's velocity is believed."""


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """A track's face in one frame, as the detector saw it."""

    frame: int
    box: Box
    score: float
    landmarks: Landmarks | None = None
    shrunken: bool = False
    """True when only the shrunken picture shows it there: of a small face that is a rough place."""


def sighting(frame: int, face: Face) -> Sighting:
    """What the detector saw in this frame."""
    return Sighting(frame, face.box, face.score, face.landmarks, face.shrunken == face.box)


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One face followed over time. Ids are never reused; sightings are oldest first and never empty."""

    id: int
    shot: int
    """Index of the frame its shot began with: no box reaches back beyond it."""
    sightings: tuple[Sighting, ...]
    velocity: tuple[float, float] = (0.0, 0.0)
    """Pixels a frame, (x, y)."""
    evidence: Evidence = field(default_factory=Evidence)
    ended_at: int | None = None
    """Index of the first frame it cannot be in (a new shot, the film's end), or None."""
    believed: float = 0.0
    """Probability that it is a face, from what the track it parted from, or that parted from it, had seen."""
    doubted_at: int = -1
    """Index of the last frame in which it may have become somebody else's: a crossing, a jump, a gap."""
    slip: Slip | None = None
    """How far off the shrunken picture shows it, once a tile has told."""
    resumed: bool = False
    """True once its shot came back after another."""

    @property
    def last(self) -> Sighting:
        """The newest sighting."""
        return self.sightings[-1]

    def is_face(self, sure: float = SURE) -> bool:
        """False while it is a single weak detection, unless there was no time for a second."""
        least = min(sure, GLIMPSED) if self._glimpsed else sure
        return self._believed_to(least) >= least

    @property
    def belief(self) -> float:
        """Probability that it is a face: weak detections confirm each other as independent witnesses would."""
        return self._believed_to(1.0)

    def _believed_to(self, enough: float) -> float:
        """The belief, counted no further than to what is enough: mostly one sighting is."""
        doubt = 1.0 - self.believed
        for sighting in self.sightings:
            doubt *= 1.0 - sighting.score
            if 1.0 - doubt >= enough:
                break
        return 1.0 - doubt

    @property
    def _glimpsed(self) -> bool:
        """True when its shot ended too soon for a second look, or may have for being interrupted."""
        return self.resumed or (self.ended_at is not None and self.ended_at - self.sightings[0].frame < GLIMPSE_FRAMES)

    @property
    def steady(self) -> bool:
        """True once the velocity can be believed."""
        return len(self.sightings) >= STEADY_AFTER

    @property
    def sharp_only(self) -> bool:
        """True while the shrunken picture alone never showed it: mostly it is too small for that."""
        return not any(sighting.shrunken for sighting in self.sightings)

    def doubted(self, frame: int) -> Track:
        """The same track, perhaps of another face from this frame on: evidence starts anew."""
        return replace(self, evidence=self.evidence.broken(frame), doubted_at=frame)

    def back(self, frame: int) -> Track:
        """The same track whose shot comes back with this frame: whoever is there now may be somebody else."""
        return replace(self.doubted(frame), ended_at=None, resumed=True)

    def supported(self, score: float) -> Track:
        """The same track, as much surer a face as one more detection of this score makes it."""
        return replace(self, believed=1.0 - (1.0 - self.believed) * (1.0 - score))

    def foretold(self, frame: int) -> Box:
        """Where the face should be at a later frame, moving on as it did."""
        steps = frame - self.last.frame
        return self.last.box.moved(self.velocity[0] * steps, self.velocity[1] * steps)

"""What one more sighting tells of a track: how it moves on, and how far off the shrunken picture shows it."""

from __future__ import annotations

import math

from appliance.core.faces import Face
from appliance.core.slips import Slip, slip_between
from appliance.core.tracks import Track, sighting

VELOCITY_SHARE = 0.4
"""Weight of the newest step in the velocity's running mean."""


def seen(track: Track, face: Face, frame: int, leaps: bool, oldest: int) -> Track:
    """The track, seen once more; sightings before frame `oldest` are forgotten.

    leaps: True where the face is so far from its foretold place that it may be somebody else.
    """
    # A change of face or a slip of the detector: no way to go on.
    stops = leaps and track.steady
    # One sighting older than the window stays, so that a frame at its edge can still be interpolated.
    kept = track.sightings[1:] if len(track.sightings) > 1 and track.sightings[1].frame < oldest else track.sightings
    return Track(
        track.id,
        track.shot,
        sightings=(*kept, sighting(frame, face)),
        velocity=(0.0, 0.0) if stops else _velocity(track, face, frame),
        evidence=track.evidence,
        ended_at=track.ended_at,
        believed=track.believed,
        doubted_at=track.doubted_at,
        slip=_slip(track, face, frame),
        resumed=track.resumed,
    )


def told(face: Face) -> Slip | None:
    """What a tile tells of the shrunken picture, where both show the face."""
    return None if face.shrunken is None or face.shrunken == face.box else slip_between(face.shrunken, face.box)


def _velocity(track: Track, face: Face, frame: int) -> tuple[float, float]:
    last, steps = track.last, frame - track.last.frame
    (old_x, old_y), (new_x, new_y) = last.box.centre, face.box.centre
    share = VELOCITY_SHARE if len(track.sightings) > 1 else 1.0
    return (
        track.velocity[0] * (1 - share) + (new_x - old_x) / steps * share,
        track.velocity[1] * (1 - share) + (new_y - old_y) / steps * share,
    )


def _slip(track: Track, face: Face, frame: int) -> Slip | None:
    """The slip after one more sighting: a new one only if it brings the foretold place nearer, for what the shrunken
    picture shows beside it may be the neighbour."""
    new = told(face) or _told_in_turn(track, face, frame)
    if new is None:
        return track.slip
    foretold, centre = track.foretold(frame), face.box.centre
    nearer = math.dist(new.of(foretold).centre, centre) <= math.dist(foretold.centre, centre)
    return new if nearer else track.slip


def _told_in_turn(track: Track, face: Face, frame: int) -> Slip | None:
    """The same where tiles and the whole picture take turns: by where the shrunken picture foretold the face."""
    foreseen = track.steady and track.last.shrunken and frame == track.last.frame + 1
    return slip_between(track.foretold(frame), face.box) if foreseen and face.shrunken is None else None

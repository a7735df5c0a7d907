"""What is learned a moment later, applied to the frames before it."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from appliance.core.geometry import Box, between
from appliance.core.identity import VEIL, Verdict, judge
from appliance.core.tracking import Sighting, Track
from appliance.core.veiling import Cover

GROWTH_PER_FRAME = (0.10, 0.07, 0.03)
"""How much larger (in face sizes, each side) a box grows for each frame away from the nearest sighting, by the
number of sightings: with one of them the velocity is not known."""

GROWTH_MAX = 0.6
"""Where growing ends, in face sizes each side."""

CARRY_MAX = (0.0, 1.0, 2.5)
"""How far (in face sizes) a box is carried on by its velocity beyond its sightings, by the number of sightings.
Somebody walking past crosses 0.3 face sizes a frame (1.4 m/s, 16 cm, 30 Hz)."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far in time and space a sighting covers."""

    frames: int
    """Frames before the first and after the last sighting; also the most between two looks that bracket a frame."""
    margin: float
    """Share of the face's size added on each side: hair line, chin and ears."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A track in one frame of the past."""

    track: int
    box: Box
    """The face itself, interpolated."""
    cover: Cover
    """What to overwrite if it is covered."""
    verdict: Verdict


def placed(tracks: Sequence[Track], frame: int, reach: Reach) -> list[Placed]:
    """Every face that is, or may be, in the frame, with the verdict for this very frame."""
    found = []
    for track in tracks:
        box = box_at(track, frame, reach.frames) if track.is_face else None
        if box is None:
            continue
        cover = Cover(covering(track, frame, reach), track.id)
        found.append(Placed(track.id, box, cover, judge(track.evidence, frame, reach.frames)))
    return _one_place_each(found)


def box_at(track: Track, frame: int, reach: int) -> Box | None:
    """The track's face at a frame: between sightings, before the first or after the last; None beyond its reach."""
    if frame < track.shot or (track.ended_at is not None and frame >= track.ended_at):
        return None
    if frame < track.sightings[0].frame - reach or frame > track.last.frame + reach:
        return None
    return _interpolated(track, frame)


def _interpolated(track: Track, frame: int) -> Box:
    """The box on the straight way between the sightings around the frame; the first or last beyond them."""
    before, after = _around(track, frame)
    if before.frame == after.frame:
        return before.box
    return between(before.box, after.box, (frame - before.frame) / (after.frame - before.frame))


def _around(track: Track, frame: int) -> tuple[Sighting, Sighting]:
    """The last sighting at or before the frame and the first at or after it; one twice where there is but one."""
    sightings = track.sightings
    place = bisect_left(sightings, frame, key=lambda sighting: sighting.frame)
    after = sightings[min(place, len(sightings) - 1)]
    before = after if after.frame <= frame else sightings[max(place - 1, 0)]
    return before, after


def covering(track: Track, frame: int, reach: Reach) -> Box:
    """The face with its margin, its motion over the neighbouring frames, and what is unknown since it was last seen."""
    known = min(len(track.sightings), len(GROWTH_PER_FRAME)) - 1
    before, after = _around(track, frame)
    first, last = track.sightings[0], track.last
    if frame < first.frame:
        box = _carried(first.box, _first_velocity(track), frame - first.frame, CARRY_MAX[known])
    elif frame > last.frame:
        box = _carried(last.box, track.velocity, frame - last.frame, CARRY_MAX[known])
    else:
        box = _interpolated(track, frame - 1).union(_interpolated(track, frame + 1))
        box = box.union(_interpolated(track, frame))
    size = max(box.size, 1.0)
    away = min(abs(frame - before.frame), abs(after.frame - frame))
    grown = (reach.margin + min(GROWTH_PER_FRAME[known] * away, GROWTH_MAX)) * size
    return box.grown(grown, grown)


def _carried(box: Box, velocity: tuple[float, float], steps: int, most: float) -> Box:
    """Where a face may be so many frames on (or back): from half the way to the whole, at most `most` sizes."""
    far = max(math.hypot(*velocity) * abs(steps), 1e-9)
    share = min(most * box.size / far, 1.0) * steps
    whole = box.moved(velocity[0] * share, velocity[1] * share)
    return whole.union(box.moved(velocity[0] * share / 2, velocity[1] * share / 2))


def _first_velocity(track: Track) -> tuple[float, float]:
    """Pixels a frame over the track's first few sightings: how the face came in."""
    first, later = track.sightings[0], track.sightings[min(3, len(track.sightings) - 1)]
    steps = max(later.frame - first.frame, 1)
    (x0, y0), (x1, y1) = first.box.centre, later.box.centre
    return (x1 - x0) / steps, (y1 - y0) / steps


def _one_place_each(found: list[Placed]) -> list[Placed]:
    """Nobody is in two places: of two tracks with one name only the surer keeps it."""
    surest: dict[str, Placed] = {}
    for place in sorted(found, key=lambda place: place.verdict.similarity):
        if place.verdict.person is not None:
            surest[place.verdict.person] = place
    return [
        place if place.verdict.person is None or surest[place.verdict.person] is place else replace(place, verdict=VEIL)
        for place in found
    ]

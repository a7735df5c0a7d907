"""What is learned a moment later, applied to the frames before it."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from appliance.core.geometry import Box, between
from appliance.core.identity import VEIL, Verdict, judge
from appliance.core.tracking import SURE, Sighting, Track
from appliance.core.veiling import Cover

GROWTH_PER_FRAME = (0.10, 0.07, 0.03)
"""How much larger (in face sizes, each side) a box grows for each frame away from the nearest sighting, by the
number of sightings: with one of them the velocity is not known."""

GROWTH_MAX = 0.6
"""Where growing ends, in face sizes each side."""

CARRY_MAX = (0.0, 1.0, 2.5)
"""How far (in face sizes) a box is carried on by its velocity beyond its sightings, by the number of sightings.
Somebody walking past crosses 0.3 face sizes a frame (1.4 m/s, 16 cm, 30 Hz)."""


ASPECT = 1.3
"""Height to width of every cover: faces are about so, and the cover's own shape must not tell which."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far in time and space a sighting covers."""

    frames: int
    """Frames before the first and after the last sighting; also the most between two looks that bracket a frame."""
    margin: float
    """Share of the face's size added on each side: hair line, chin and ears."""
    sure: float = SURE
    """Probability from which a track is taken for a face."""


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
        if track.is_face(reach.sure) and may_be_in(track, frame, reach.frames):
            box, cover = boxes_at(track, frame, reach)
            found.append(Placed(track.id, box, Cover(cover, track.id), judge(track.evidence, frame, reach.frames)))
    return _one_place_each(found)


def may_be_in(track: Track, frame: int, reach: int) -> bool:
    """True from `reach` frames before the first sighting to as many after the last, within the track's shot."""
    if frame < track.shot or (track.ended_at is not None and frame >= track.ended_at):
        return False
    return track.sightings[0].frame - reach <= frame <= track.last.frame + reach


def boxes_at(track: Track, frame: int, reach: Reach) -> tuple[Box, Box]:
    """The face at a frame the track may be in, and what must be covered: margin, motion and what is not known."""
    sightings = track.sightings
    place = bisect_left(sightings, frame, key=_FRAME_OF)
    known = min(len(sightings), len(GROWTH_PER_FRAME)) - 1
    if place == 0 and frame < sightings[0].frame:
        first = sightings[0]
        away, box = first.frame - frame, first.box
        wide = _carried(box, _first_velocity(track), -away, CARRY_MAX[known])
    elif place == len(sightings):
        away, box = frame - track.last.frame, track.last.box
        wide = _carried(box, track.velocity, away, CARRY_MAX[known])
    else:
        before = sightings[place] if sightings[place].frame == frame else sightings[place - 1]
        box = _between(before, sightings[place], frame)
        away = min(frame - before.frame, sightings[place].frame - frame)
        wide = box
        # Half of each neighbouring frame's way: shutters stay open, and fields are drawn one after the other.
        if before.frame < frame or place > 0:
            wide = wide.union(_between(sightings[place - 1], sightings[place], frame - 1))
        if before.frame < frame or place + 1 < len(sightings):
            later = place if before.frame < frame else place + 1
            wide = wide.union(_between(sightings[later - 1], sightings[later], frame + 1))
    size = max(wide.size, 1.0)
    grown = (reach.margin + min(GROWTH_PER_FRAME[known] * away, GROWTH_MAX)) * size
    return box, shaped(wide.grown(grown, grown))


def shaped(cover: Box) -> Box:
    """The smallest box of the one shape of all covers about the middle of this one that holds it."""
    return cover.grown(
        max(cover.height / ASPECT - cover.width, 0.0) / 2, max(cover.width * ASPECT - cover.height, 0.0) / 2
    )


_FRAME_OF = attrgetter("frame")


def _between(before: Sighting, after: Sighting, frame: int) -> Box:
    """The box on the straight way through two sightings; at the one sighting if they are the same."""
    steps = after.frame - before.frame
    return between(before.box, after.box, (frame - before.frame) / steps) if steps else before.box


def _carried(box: Box, velocity: tuple[float, float], steps: int, most: float) -> Box:
    """Where a face may be so many frames on (or back): from where it was, for it may have stopped, to the whole way on,
    at most `most` sizes."""
    far = max(math.hypot(*velocity) * abs(steps), 1e-9)
    share = min(most * box.size / far, 1.0) * steps
    return box.union(box.moved(velocity[0] * share, velocity[1] * share))


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

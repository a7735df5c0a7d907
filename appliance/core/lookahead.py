"""What is learned a moment later, applied to the frames before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from appliance.core.geometry import Box, between
from appliance.core.identity import VEIL, Verdict, judge
from appliance.core.tracking import Track
from appliance.core.veiling import Cover

GROWTH_PER_FRAME = (0.25, 0.12, 0.04)
"""How much larger (in face sizes, each side) a box grows for each frame away from the nearest sighting, by the
number of sightings: with one of them the velocity is not known, and a walker may have come from anywhere."""

GROWTH_MAX = 1.2
"""Where growing ends, in face sizes each side."""

SURE_SCORE = 0.6
"""A detection this sure is a face by itself."""

CONFIRMED_BY = 2
"""Weaker detections of one track that confirm each other."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far in time and space a sighting covers."""

    frames: int
    """Frames before the first and after the last sighting."""
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


def placed(tracks: Sequence[Track], frame: int, reach: Reach, window: int) -> list[Placed]:
    """Every face that is, or may be, in the frame, with the verdict for this very frame."""
    found = []
    for track in tracks:
        if not is_face(track):
            continue
        box = box_at(track, frame, reach.frames)
        if box is None:
            continue
        cover = Cover(covering(track, frame, box, reach), track.id)
        found.append(Placed(track.id, box, cover, judge(track.evidence, frame, window)))
    return _one_place_each(found)


def is_face(track: Track) -> bool:
    """False while a track is only a single weak detection."""
    return len(track.sightings) >= CONFIRMED_BY or track.last.score >= SURE_SCORE


def box_at(track: Track, frame: int, reach: int) -> Box | None:
    """The track's face at a frame: between sightings, before the first or after the last; None beyond its reach."""
    if frame < track.shot or (track.ended_at is not None and frame >= track.ended_at):
        return None
    first, last = track.sightings[0], track.last
    if frame < first.frame - reach or frame > last.frame + reach:
        return None
    if frame <= first.frame:
        return first.box
    if frame >= last.frame:
        return last.box
    for before, after in pairwise(track.sightings):
        if before.frame <= frame <= after.frame:
            return between(before.box, after.box, (frame - before.frame) / (after.frame - before.frame))
    raise AssertionError("sightings are in order and enclose the frame")


def covering(track: Track, frame: int, box: Box, reach: Reach) -> Box:
    """The box with its margin, its motion over the neighbouring frames, and what is unknown since the last sighting."""
    away = min(abs(frame - sighting.frame) for sighting in track.sightings)
    for neighbour in (frame - 1, frame + 1):
        box = box.union(box_at(track, neighbour, reach.frames + 1) or box)
    first, last = track.sightings[0], track.last
    if frame < first.frame:
        box = box.union(_carried(first.box, _first_velocity(track), frame - first.frame))
    elif frame > last.frame:
        box = box.union(_carried(last.box, track.velocity, frame - last.frame))
    growth = GROWTH_PER_FRAME[min(len(track.sightings), len(GROWTH_PER_FRAME)) - 1]
    share = reach.margin + min(growth * away, GROWTH_MAX)
    size = max(box.size, 1.0)
    return box.grown(share * size, share * size)


def _carried(box: Box, velocity: tuple[float, float], steps: int) -> Box:
    return box.moved(velocity[0] * steps, velocity[1] * steps)


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

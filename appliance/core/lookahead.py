"""What is learned a moment later, applied to the frames before it."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from appliance.core.geometry import Box, boxes_of
from appliance.core.identity import VEIL, Verdict, judge
from appliance.core.slips import slipped
from appliance.core.tracks import GLIMPSED, SURE, Sighting, Track
from appliance.core.veiling import Cover

Corners = NDArray[np.float64]
"""(n, 2): x and y in pixels."""

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
    """Frames before the first and after the last sighting; also the most between two looks that bracket a frame. Whom
    only tiles show is reached for as long as their rotation takes."""
    margin: float
    """Share of the face's size added on each side: hair line, chin and ears."""
    sure: float = SURE
    """Probability from which a track is taken for a face."""
    awaiting: int | None = None
    """First frame whose tiles have not had their turn again; None when each frame is seen alike."""
    turn_frames: int = 1
    """Frames of the tiles' rotation."""


def awaiting(newest: int, turn_frames: int) -> int | None:
    """What Reach awaits while the newest frame is this and the tiles' rotation takes so many frames."""
    return newest - turn_frames + 1 if turn_frames > 1 else None


class Placed(NamedTuple):
    """A track in one frame of the past."""

    track: int
    box: Box
    """The face itself, interpolated."""
    cover: Cover
    """What to overwrite if it is covered."""
    verdict: Verdict


def placed(tracks: Sequence[Track], frame: int, reach: Reach) -> list[Placed]:
    """Every face that is, or may be, in the frame, with the verdict for this very frame."""
    here = [track for track in tracks if may_be_in(track, frame, reach) and is_face(track, reach)]
    found = [
        Placed(track.id, box, Cover(cover, track.id), judge(track.evidence, frame, reach.frames))
        for track, (box, cover) in zip(here, all_boxes_at(here, frame, reach))
    ]
    return _one_place_each(found)


def is_face(track: Track, reach: Reach) -> bool:
    """True when the track is taken for a face; less is enough while the tile that alone shows it has not had its turn
    again: as where a shot ends, there was no time for a second look."""
    if track.is_face(reach.sure):
        return True
    if reach.awaiting is None:
        return False
    # In a shot that ended before, that turn never came.
    first = reach.awaiting if track.ended_at is None else min(reach.awaiting, track.ended_at - reach.turn_frames)
    return track.last.frame >= first and track.is_face(GLIMPSED) and track.sharp_only


def may_be_in(track: Track, frame: int, reach: Reach) -> bool:
    """True from some frames before the first sighting to as many after the last, within the track's shot."""
    ended_at, sightings = track.ended_at, track.sightings
    if frame < track.shot or (ended_at is not None and frame >= ended_at):
        return False
    # Who is seen by one tile only may have been there since its last turn, and until its next, unseen.
    turn = reach.turn_frames - 1
    frames = turn if turn > reach.frames and track.sharp_only else reach.frames
    return sightings[0].frame - frames <= frame <= sightings[-1].frame + frames


def boxes_at(track: Track, frame: int, reach: Reach) -> tuple[Box, Box]:
    """The face at a frame the track may be in, and what must be covered: margin, motion and what is not known."""
    return all_boxes_at([track], frame, reach)[0]


def all_boxes_at(tracks: Sequence[Track], frame: int, reach: Reach) -> list[tuple[Box, Box]]:
    """The same for many tracks at once."""
    if not tracks:
        return []
    spans = [_span(track, frame) for track in tracks]
    corners = chain.from_iterable(chain.from_iterable([span.ends for span in spans]))
    ends = np.fromiter(corners, np.float64, 24 * len(spans)).reshape(-1, 3, 2, 4)
    shares = np.fromiter(chain.from_iterable([span.shares for span in spans]), np.float64).reshape(-1, 3, 1)
    # Box, and where it reaches on either side in time.
    places = ends[:, :, 0] * (1.0 - shares) + ends[:, :, 1] * shares
    low, high = places[..., :2].min(axis=1), places[..., 2:].max(axis=1)
    size = np.maximum(_sizes(high - low), 1.0)
    growth = np.fromiter([span.growth for span in spans], np.float64)
    grown = ((reach.margin + growth) * size)[:, None]
    low, high = _shaped(low - grown, high + grown)
    boxes = places[:, 0]
    rough = [row for row, span in enumerate(spans) if span.shrunken]
    slips = {row: slip for row in rough if (slip := tracks[row].slip)}
    if slips:
        rows = list(slips)
        boxes[rows] = sharp = slipped(boxes[rows], list(slips.values()))
        more = grown[rows]
        # Both places stay covered: the tile may have shown his neighbour.
        with_sharp = np.minimum(low[rows], sharp[:, :2] - more), np.maximum(high[rows], sharp[:, 2:] + more)
        low[rows], high[rows] = _shaped(*with_sharp)
    return list(zip(boxes_of(boxes), boxes_of(np.concatenate([low, high], axis=1))))


class _Span(NamedTuple):
    """Where a face is between what is known of it: itself, and what it is united with, each a way from box to box."""

    ends: tuple[Box, Box, Box, Box, Box, Box]
    shares: tuple[float, float, float]
    """How far along each way."""
    growth: float
    """How much larger the box is for what is not known, in face sizes."""
    shrunken: bool
    """True when it is known from the shrunken picture only."""


def _span(track: Track, frame: int) -> _Span:
    sightings = track.sightings
    known = min(len(sightings), len(GROWTH_PER_FRAME)) - 1
    first, last = sightings[0], sightings[-1]
    if frame < first.frame:
        return _beyond(first, _first_velocity(track), frame - first.frame, known)
    if frame > last.frame:
        return _beyond(last, track.velocity, frame - last.frame, known)
    place = bisect_left(sightings, frame, key=_FRAME_OF)
    after = sightings[place]
    # Half of each neighbouring frame's way too: shutters stay open, and fields are drawn one after the other.
    if after.frame > frame:
        before = sightings[place - 1]
        steps, gone = after.frame - before.frame, frame - before.frame
        shares = (gone / steps, (gone - 1) / steps, (gone + 1) / steps)
        way = (before.box, after.box)
        shrunken = before.shrunken and after.shrunken
        return _Span((*way, *way, *way), shares, _growth(min(gone, after.frame - frame), known), shrunken)
    box = after.box
    before, later = sightings[max(place - 1, 0)], sightings[min(place + 1, len(sightings) - 1)]
    back = (frame - 1 - before.frame) / (frame - before.frame) if before.frame < frame else 0.0
    on = 1 / (later.frame - frame) if later.frame > frame else 0.0
    return _Span((box, box, before.box, box, box, later.box), (0.0, back, on), 0.0, after.shrunken)


def _beyond(end: Sighting, velocity: tuple[float, float], steps: int, known: int) -> _Span:
    """Before the first sighting (steps < 0) or after the last: from where it was, for it may have stopped, to the
    whole way on, at most CARRY_MAX sizes."""
    box = end.box
    far = max(math.hypot(*velocity) * abs(steps), 1e-9)
    share = min(CARRY_MAX[known] * box.size / far, 1.0) * steps
    there = box.moved(velocity[0] * share, velocity[1] * share)
    return _Span((box, box, box, box, there, there), (0.0, 0.0, 0.0), _growth(abs(steps), known), end.shrunken)


def _growth(away: int, known: int) -> float:
    """In face sizes, so many frames from the nearest sighting, by the number of sightings."""
    return min(GROWTH_PER_FRAME[known] * away, GROWTH_MAX)


def shaped(cover: Box) -> Box:
    """The smallest box of the one shape of all covers about the middle of this one that holds it."""
    low, high = _shaped(np.array([[cover.x0, cover.y0]]), np.array([[cover.x1, cover.y1]]))
    return Box(*low[0].tolist(), *high[0].tolist())


def _shaped(low: Corners, high: Corners) -> tuple[Corners, Corners]:
    width, height = (high - low).T
    more = np.maximum(np.stack([height / ASPECT - width, width * ASPECT - height], axis=1), 0.0) / 2
    return low - more, high + more


def _sizes(spans: Corners) -> NDArray[np.float64]:
    return np.asarray(np.sqrt(np.maximum(spans[:, 0], 0.0) * np.maximum(spans[:, 1], 0.0)))


_FRAME_OF = attrgetter("frame")


def _first_velocity(track: Track) -> tuple[float, float]:
    """Pixels a frame over the track's first few sightings: how the face came in."""
    first, later = track.sightings[0], track.sightings[min(3, len(track.sightings) - 1)]
    steps = max(later.frame - first.frame, 1)
    (x0, y0), (x1, y1) = first.box.centre, later.box.centre
    return (x1 - x0) / steps, (y1 - y0) / steps


def _one_place_each(found: list[Placed]) -> list[Placed]:
    """Nobody is in two places: of two tracks with one name only the surer keeps it."""
    named = [place for place in found if place.verdict.person is not None]
    if len(named) < 2:
        return found
    surest: dict[str, Placed] = {}
    for place in sorted(named, key=lambda place: place.verdict.similarity):
        assert place.verdict.person is not None
        surest[place.verdict.person] = place
    return [
        place if place.verdict.person is None or surest[place.verdict.person] is place else place._replace(verdict=VEIL)
        for place in found
    ]

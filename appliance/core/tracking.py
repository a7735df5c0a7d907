"""Which face of this frame is which face of the last ones: nearest centroid, gated by velocity and size."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np
from lap import lapjvx
from numpy.typing import NDArray

from appliance.core.faces import Face, Landmarks
from appliance.core.geometry import Box
from appliance.core.identity import Evidence
from appliance.core.slips import Slip, slip_between

Floats = NDArray[np.float64]

REACH = 0.9
"""How far (in face sizes) from its foretold place a face may be found and still be the same track."""

REACH_PER_FRAME = 0.08
"""How much wider that gate grows for each frame the track was not seen."""

UNSTEADY_PER_FRAME = 0.15
"""The same while the velocity is not known."""

REACH_MAX = 1.8
"""The gate's widest, in face sizes."""

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

SIZE_RATIO = 1.8
"""Largest ratio of sizes between two sightings of one track."""

JUMP = 0.55
"""A sighting this far (in face sizes) from its foretold place may be somebody else: evidence starts anew."""

CROSSING = 0.75
"""Two tracks whose centres are this near (in mean face sizes) may swap: evidence of both starts anew."""

GAP_FRAMES = 4
"""A track unseen for more frames than this may come back as somebody else: evidence starts anew."""

VELOCITY_SHARE = 0.4
"""Weight of the newest step in the velocity's running mean."""


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """A track's face in one frame, as the detector saw it."""

    frame: int
    box: Box
    score: float
    landmarks: Landmarks | None = None
    shrunken: bool = False
    """True when only the shrunken picture shows it there: of a small face that is a rough place."""


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
    """Probability that it is a face, from what the track it parted from had seen."""
    doubted_at: int = -1
    """Index of the last frame in which it may have become somebody else's: a crossing, a jump, a gap."""
    slip: Slip | None = None
    """How far off the shrunken picture shows it, once a tile has told."""

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
        """True when its shot ended too soon for a second look."""
        return self.ended_at is not None and self.ended_at - self.sightings[0].frame < GLIMPSE_FRAMES

    @property
    def steady(self) -> bool:
        """True once the velocity can be believed."""
        return len(self.sightings) >= STEADY_AFTER

    def doubted(self, frame: int) -> Track:
        """The same track, perhaps of another face from this frame on: evidence starts anew."""
        return replace(self, evidence=self.evidence.broken(frame), doubted_at=frame)

    def foretold(self, frame: int) -> Box:
        """Where the face should be at a later frame, moving on as it did."""
        steps = frame - self.last.frame
        return self.last.box.moved(self.velocity[0] * steps, self.velocity[1] * steps)


class Tracker:
    """Follows faces from frame to frame. Keeps a track for `memory` frames after it was last seen."""

    def __init__(self, memory: int, coast: int) -> None:
        """memory: frames a track is remembered for the look-ahead; coast: frames it may be unseen and found again."""
        self._memory = memory
        self._coast = coast
        self._tracks: tuple[Track, ...] = ()
        self._next_id = 1
        self._shot = 0

    @property
    def tracks(self) -> tuple[Track, ...]:
        """Every track that may still matter to a frame in the window, oldest first."""
        return self._tracks

    def follow(self, frame: int, faces: Sequence[Face], cut: bool, crossings: bool = True) -> None:
        """Take in the faces of the next frame (indices rise by one); a cut ends every track.

        crossings: False while nobody is enrolled, when no evidence can be mixed up.
        """
        if cut:
            self._shot = frame
        alive, remembered = self._divided(frame, cut)
        apart = _compared(alive, faces, frame)
        pairs = match(apart)
        _prefer_surer_twins(pairs, alive, faces)
        parted = {row for row, column in pairs.items() if apart.leap[row, column] and _may_part(alive[row], frame)}
        newborn = [
            self._born(faces[column], frame, alive[row].belief) for row, column in pairs.items() if row in parted
        ]
        for row, column in pairs.items():
            if row not in parted:
                jumped = bool(apart.leap[row, column])
                alive[row] = _seen(alive[row], faces[column], frame, jumped, frame - self._memory)
        taken = set(pairs.values())
        newborn += [self._born(face, frame) for column, face in enumerate(faces) if column not in taken]
        alive += newborn
        self._tracks = tuple(remembered + (broken_by_crossings(alive, frame) if crossings else alive))

    def _divided(self, frame: int, cut: bool) -> tuple[list[Track], list[Track]]:
        """Tracks that may be seen in this frame, and those that are only remembered; the rest is forgotten."""
        alive: list[Track] = []
        remembered: list[Track] = []
        for track in self._tracks:
            if cut and track.ended_at is None:
                track = replace(track, ended_at=frame)
            gone = frame - track.sightings[-1].frame
            if track.ended_at is None and gone - 1 <= self._coast:
                alive.append(track)
            elif gone <= self._memory:
                remembered.append(track)
        return alive, remembered

    def resize(self, memory: int, coast: int) -> None:
        """Remember for longer or shorter from now on."""
        self._memory, self._coast = memory, coast

    def update(self, tracks: dict[int, Track]) -> None:
        """Put back tracks that gained evidence, by id."""
        self._tracks = tuple(tracks.get(track.id, track) for track in self._tracks)

    def break_evidence(self, frame: int, unchanged: Set[str]) -> None:
        """Start evidence anew, for the people to compare with have changed; not of whom is one of the unchanged."""
        self._tracks = tuple(
            track if track.evidence.claims(unchanged) else replace(track, evidence=track.evidence.broken(frame))
            for track in self._tracks
        )

    def finish(self, frame: int) -> None:
        """The film ended before this frame: nothing will be seen again."""
        self._tracks = tuple(replace(t, ended_at=frame) if t.ended_at is None else t for t in self._tracks)

    def _born(self, face: Face, frame: int, believed: float = 0.0) -> Track:
        track = Track(self._next_id, self._shot, (_sighting(frame, face),), believed=believed, slip=_told(face))
        self._next_id += 1
        return track


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where tracks should be in a frame."""

    centres: Floats
    """(tracks, 2) pixels."""
    sizes: Floats
    """(tracks,) pixels, 1 at least."""
    unseen: Floats
    """(tracks,) frames since the last sighting."""


@dataclass(frozen=True, slots=True, eq=False)
class Apart:
    """How far each track of a frame is from each face of it: (tracks, faces) each."""

    cost: Floats
    """In face sizes, and the size's change; infinite beyond SIZE_RATIO."""
    allowed: NDArray[np.bool_]
    """Whether that is inside the gates."""
    leap: NDArray[np.bool_]
    """Whether the face is so far from the track's foretold place that it may be somebody else."""


def match(apart: Apart) -> dict[int, int]:
    """Best one-to-one pairs {track row: face column} inside the gates (Jonker and Volgenant's assignment)."""
    if apart.cost.size == 0:
        return {}
    rows, columns = lapjvx(np.where(apart.allowed, apart.cost, 1e3), extend_cost=True, return_cost=False)
    return {r: c for r, c in sorted(zip(rows.tolist(), columns.tolist())) if apart.allowed[r, c]}


def _prefer_surer_twins(pairs: dict[int, int], tracks: Sequence[Track], faces: Sequence[Face]) -> None:
    """Of two detections of one face the surer goes to the track that is there; alone it would begin a doubtful one."""
    free = [column for column in range(len(faces)) if column not in pairs.values()]
    for row, column in list(pairs.items()):
        for rival in free:
            if faces[rival].score > faces[column].score and _holds(faces[rival].box, faces[column].box.centre):
                pairs[row] = rival
                free.remove(rival)
                break


def _holds(box: Box, point: tuple[float, float]) -> bool:
    return box.x0 < point[0] < box.x1 and box.y0 < point[1] < box.y1


def _may_part(track: Track, frame: int) -> bool:
    """True for a stranger who would have to leap: it may be another face, so both places stay covered."""
    if track.evidence.latest is not None and track.evidence.latest.person is not None:
        return False
    return track.steady or frame - track.last.frame > GAP_FRAMES


def _compared(tracks: Sequence[Track], faces: Sequence[Face], frame: int) -> Apart:
    foretold = _foretold(tracks, frame)
    corners = _rows((face.box for face in faces), 4)
    centres, sizes = _centres(corners), _sizes(corners)
    pixels = _distances(foretold.centres, centres)
    ratio = np.abs(np.log(sizes / foretold.sizes[:, None]))
    scale = np.sqrt(sizes * foretold.sizes[:, None])
    cost = np.where(ratio <= math.log(SIZE_RATIO), pixels / scale + 0.5 * ratio, np.inf)
    steady = np.array([track.steady for track in tracks], np.bool_)
    per_frame = np.where(steady, REACH_PER_FRAME, UNSTEADY_PER_FRAME)
    gate = np.minimum(REACH + per_frame * (foretold.unseen - 1), REACH_MAX)
    return Apart(cost, cost <= gate[:, None], pixels > JUMP * foretold.sizes[:, None])


def _foretold(tracks: Sequence[Track], frame: int) -> Places:
    """As Track.foretold, many at once."""
    last = [track.sightings[-1] for track in tracks]
    corners, velocities = _rows((seen.box for seen in last), 4), _rows((track.velocity for track in tracks), 2)
    unseen = frame - np.array([seen.frame for seen in last], np.float64)
    return Places(_centres(corners + np.tile(velocities * unseen[:, None], 2)), _sizes(corners), unseen)


def _rows(tuples: Iterable[tuple[float, ...]], columns: int) -> Floats:
    return np.fromiter(chain.from_iterable(tuples), np.float64).reshape(-1, columns)


def _centres(corners: Floats) -> Floats:
    return np.asarray((corners[:, :2] + corners[:, 2:]) / 2)


def _sizes(corners: Floats) -> Floats:
    """As Box.size, but 1 at least."""
    sides = np.maximum(corners[:, 2:] - corners[:, :2], 0.0)
    return np.asarray(np.maximum(np.sqrt(sides[:, 0] * sides[:, 1]), 1.0))


def _distances(here: Floats, there: Floats) -> Floats:
    """(n, m) pixels between points (n, 2) and (m, 2)."""
    return np.asarray(np.hypot(here[:, None, 0] - there[:, 0], here[:, None, 1] - there[:, 1]))


def _sighting(frame: int, face: Face) -> Sighting:
    return Sighting(frame, face.box, face.score, face.landmarks, face.shrunken == face.box)


def _told(face: Face) -> Slip | None:
    """What a tile tells of the shrunken picture, where both show the face."""
    return None if face.shrunken is None or face.shrunken == face.box else slip_between(face.shrunken, face.box)


def _follows(track: Track, face: Face, frame: int) -> Slip | None:
    """The same where tiles and the whole picture take turns: by where the shrunken picture foretold the face."""
    foreseen = track.steady and track.last.shrunken and frame == track.last.frame + 1
    return slip_between(track.foretold(frame), face.box) if foreseen and face.shrunken is None else None


def _learned(track: Track, face: Face, frame: int) -> Slip | None:
    """The slip after one more sighting: a new one only if it brings the foretold place nearer, for what the shrunken
    picture shows beside it may be the neighbour."""
    told = _told(face) or _follows(track, face, frame)
    if told is None:
        return track.slip
    foretold, centre = track.foretold(frame), face.box.centre
    nearer = math.dist(told.of(foretold).centre, centre) <= math.dist(foretold.centre, centre)
    return told if nearer else track.slip


def _seen(track: Track, face: Face, frame: int, jumped: bool, oldest: int) -> Track:
    last = track.last
    slip, steps = _learned(track, face, frame), frame - last.frame
    track = track.doubted(frame) if jumped or steps > GAP_FRAMES else track
    (old_x, old_y), (new_x, new_y) = last.box.centre, face.box.centre
    share = VELOCITY_SHARE if len(track.sightings) > 1 else 1.0
    velocity = (
        track.velocity[0] * (1 - share) + (new_x - old_x) / steps * share,
        track.velocity[1] * (1 - share) + (new_y - old_y) / steps * share,
    )
    if jumped and track.steady:
        # A change of face or a slip of the detector: no way to go on.
        velocity = (0.0, 0.0)
    # One sighting older than the window stays, so that a frame at its edge can still be interpolated.
    sightings = track.sightings
    if len(sightings) > 1 and sightings[1].frame < oldest:
        sightings = sightings[1:]
    return replace(
        track,
        sightings=(*sightings, _sighting(frame, face)),
        velocity=velocity,
        slip=slip,
    )


def broken_by_crossings(tracks: list[Track], frame: int) -> list[Track]:
    """Start evidence anew for each pair of tracks so near each other that they could have swapped."""
    if len(tracks) < 2:
        return tracks
    places = _foretold(tracks, frame)
    apart = _distances(places.centres, places.centres)
    near = apart < CROSSING * (places.sizes[:, None] + places.sizes) / 2
    np.fill_diagonal(near, False)
    # What is not even taken for a face swaps with nobody.
    near &= np.array([track.is_face() for track in tracks])[None, :]
    return [
        track.doubted(frame) if crossing else track for track, crossing in zip(tracks, np.asarray(near.any(axis=1)))
    ]

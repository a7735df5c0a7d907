"""Faces followed from frame to frame: which of this frame is which of the last ones, and whom nobody sees any more."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from appliance.core.assignment import assigned
from appliance.core.doubts import doubted, doubted_at_crossings, parts
from appliance.core.faces import Face
from appliance.core.motion import seen, told
from appliance.core.tracks import Track, sighting


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

    def follow(
        self,
        frame: int,
        faces: Sequence[Face],
        cut: bool,
        crossings: bool = True,
        turn_frames: int = 1,
        shot: int | None = None,
    ) -> None:
        """Take in the faces of the next frame (indices rise by one); a cut ends every track but those of its shot.

        crossings: False while nobody is enrolled, when no evidence can be mixed up; turn_frames: frames of the tiles'
        rotation, for whom only they show is not lost before his tile's turn has come again; shot: with a cut, the frame
        that a shot which comes back began with.
        """
        if cut:
            self._shot = frame if shot is None else shot
        alive, remembered = self._divided(frame, cut, turn_frames)
        alive = self._led_on(alive, faces, frame)
        self._tracks = tuple(remembered + (doubted_at_crossings(alive, frame) if crossings else alive))

    def _divided(self, frame: int, cut: bool, turn_frames: int) -> tuple[list[Track], list[Track]]:
        """Tracks that may be seen in this frame, and those that are only remembered; the rest is forgotten."""
        alive: list[Track] = []
        remembered: list[Track] = []
        for track in self._tracks:
            if cut and track.ended_at is None:
                track = replace(track, ended_at=frame)
            elif cut and track.shot == self._shot:
                track = track.back(frame)
            gone, coast = frame - track.last.frame, self._coast_of(track, turn_frames)
            if track.ended_at is None and gone - 1 <= coast:
                alive.append(track)
            elif gone <= self._memory + coast - self._coast:
                remembered.append(track)
        return alive, remembered

    def _coast_of(self, track: Track, turn_frames: int) -> int:
        """Frames for which the track may be unseen and found again."""
        turn = turn_frames - 1
        return turn if turn > self._coast and track.sharp_only else self._coast

    def _led_on(self, tracks: Sequence[Track], faces: Sequence[Face], frame: int) -> list[Track]:
        """The tracks with what this frame shows of them, those that part from them, and those that begin."""
        led, parted, free = list(tracks), [], dict(enumerate(faces))
        for pair in assigned(tracks, faces, frame):
            track, face = tracks[pair.track], free.pop(pair.face)
            if pair.leaps and parts(track, frame):
                parted.append(self._born(face, frame, track.belief))
                # Unseen for a rotation of the tiles it is likelier the same one, moved on: each speaks for the other.
                led[pair.track] = track.supported(face.score) if self._is_awaited(track, frame) else track
            else:
                led[pair.track] = seen(doubted(track, frame, pair.leaps), face, frame, pair.leaps, frame - self._memory)
        return led + parted + [self._born(face, frame) for face in free.values()]

    def _is_awaited(self, track: Track, frame: int) -> bool:
        """True when but for its tile's turn the track would be lost."""
        return frame - track.last.frame - 1 > self._coast

    def complete(self, frame: int, faces: Sequence[Face]) -> None:
        """Take in faces of the newest frame that were found late: of nobody who was seen in it already."""
        if not faces:
            return
        unseen = [t for t in self._tracks if t.ended_at is None and 0 < frame - t.last.frame <= self._coast + 1]
        others = [track for track in self._tracks if track not in unseen]
        self._tracks = tuple(others + self._led_on(unseen, faces, frame))

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
        track = Track(self._next_id, self._shot, (sighting(frame, face),), believed=believed, slip=told(face))
        self._next_id += 1
        return track

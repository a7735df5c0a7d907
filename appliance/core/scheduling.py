"""Which faces are looked at in this frame: a bounded number, wherever it matters most."""

from __future__ import annotations

from collections.abc import Sequence

from appliance.core.tracks import Track

GONE_FRAMES = 3
"""Frames without a face after which a track may have left: fewer pass between two looks of tiles taking turns."""

STRANGER_EVERY = 20
"""Most frames between two looks at a face that was nobody's: each look in vain makes the next one wait longer."""

MAYBE_EVERY = 3
"""Frames between two looks at a face that is nearly somebody enrolled."""

MAYBE = 0.28
"""Similarity from which a face is nearly somebody."""


def due(tracks: Sequence[Track], frame: int, budget: int, bracket: int, min_face_px: float) -> list[Track]:
    """At most `budget` tracks seen in this frame, the most urgent first; none with a face under min_face_px."""
    waiting = []
    for track in tracks:
        urgency = _urgency(track, frame, bracket) if may_be_looked_at(track, frame, min_face_px) else 0.0
        if urgency > 0:
            waiting.append((urgency, track.last.box.size, track))
    waiting.sort(key=lambda item: item[:2], reverse=True)
    return [track for _, _, track in waiting[:budget]]


def may_be_looked_at(track: Track, frame: int, min_face_px: float) -> bool:
    """True when the track was seen in this frame, large enough and with landmarks to align it by."""
    face = track.last
    return face.frame == frame and face.landmarks is not None and face.box.size >= min_face_px


def leaving(tracks: Sequence[Track], frame: int, budget: int, *, at_once: bool = False) -> list[Track]:
    """At most `budget` tracks of somebody enrolled that are gone since they were last looked at.

    A last look where they were last seen brackets the frames up to there: nobody is covered for having left.
    at_once: the film is over, everybody leaves.
    """
    gone = []
    for track in tracks:
        latest = track.evidence.latest
        left = at_once or track.ended_at == frame or frame - track.last.frame == GONE_FRAMES
        if left and latest is not None and latest.person is not None and latest.frame < track.last.frame:
            gone.append(track)
    return [track for track in gone if track.last.landmarks is not None][:budget]


def _urgency(track: Track, frame: int, bracket: int) -> float:
    evidence = track.evidence
    if evidence.broken_at == frame and evidence.still_breaking:
        return 0.0
    claimed = any(said.person is not None for said in evidence.verifications)
    latest = evidence.latest
    if latest is None:
        return 4.0 if claimed else 2.0
    age = frame - latest.frame
    if latest.person is not None:
        # A proven run needs its next look well before the last one is too old to bracket a frame with it.
        return 3.0 + age / max(bracket, 1) if not latest.proven or age >= max(bracket // 2, 1) else 0.0
    wait = min(evidence.nobody_looks, STRANGER_EVERY)
    if latest.similarity >= MAYBE:
        wait = min(wait, MAYBE_EVERY)
    return age / STRANGER_EVERY if age >= wait else 0.0

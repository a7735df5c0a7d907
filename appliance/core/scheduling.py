"""Which faces are looked at in this frame: a bounded number, wherever it matters most."""

from __future__ import annotations

from collections.abc import Sequence

from appliance.core.tracking import Track

STRANGER_EVERY = 30
"""Frames between two looks at a face that was nobody's."""

STRANGER_LOOKS = 3
"""Looks at a new face before it counts as a stranger's."""


def due(tracks: Sequence[Track], frame: int, budget: int, window: int, min_face_px: float) -> list[Track]:
    """At most `budget` tracks seen in this frame, the most urgent first; none with a face under min_face_px."""
    waiting = []
    for track in tracks:
        if track.face is None or track.face.landmarks is None or track.face.box.size < min_face_px:
            continue
        urgency = _urgency(track, frame, window)
        if urgency > 0:
            waiting.append((urgency, track.face.box.size, track))
    waiting.sort(key=lambda item: item[:2], reverse=True)
    return [track for _, _, track in waiting[:budget]]


def _urgency(track: Track, frame: int, window: int) -> float:
    evidence = track.evidence
    if evidence.broken_at == frame and evidence.still_breaking:
        return 0.0
    claimed = any(said.person is not None for said in evidence.verifications)
    latest = evidence.latest
    if latest is None:
        return 4.0 if claimed else 2.0
    age = frame - latest.frame
    if latest.person is not None:
        # A proven run needs its next look before the frames since the last one reach the window's end.
        return 3.0 + age / window if not latest.proven or age >= max(window // 2, 1) else 0.0
    if evidence.count < STRANGER_LOOKS:
        return 1.5 + age / STRANGER_EVERY
    return age / STRANGER_EVERY if age >= STRANGER_EVERY else 0.0

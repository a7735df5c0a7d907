"""The judgement as plain data, and as a timeline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from appliance.auditing.figures import Figures, Judged, SizeRow, by_subject


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the recording, and its face-frames."""

    begins_s: float
    bare_strangers: int
    covered: int
    bare_known: int


def many(count: int, what: str) -> str:
    """So many of something, in words that agree."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def timeline(judged: Sequence[Judged], frames: int, fps: float, most: int) -> list[Span]:
    """The recording in at most `most` equal spans of whole seconds (of less when it is short)."""
    seconds = max(frames / fps, 1e-9)
    step = max(math.ceil(seconds / most), 1) if seconds >= most / 4 else seconds / most
    counts = [[0, 0, 0] for _ in range(max(math.ceil(seconds / step), 1))]
    for face in judged:
        span = counts[min(int(face.sighting.frame / fps / step), len(counts) - 1)]
        span[1 if not face.bare else 0 if face.stranger else 2] += 1
    return [Span(at * step, *span) for at, span in enumerate(counts)]


def figures_record(figures: Figures) -> dict[str, Any]:
    """Figures as plain data."""
    return {
        "sizes": [_size(row) for row in figures.sizes],
        "all": _size(figures.all_sizes),
        "stranger_tracks": figures.stranger_tracks,
        "stranger_tracks_bare": figures.stranger_tracks_bare,
        "frames_to_covered": list(figures.frames_to_covered),
        "known_sure_face_frames": figures.known_sure,
        "known_shown_face_frames": figures.known_shown,
        "known_shown_percent": round(figures.shown_percent, 2) if figures.known_sure else None,
        "changes_a_minute": round(figures.flicker, 2),
    }


def tracks_record(judged: Sequence[Judged], fps: float) -> list[dict[str, Any]]:
    """One entry per track with a bare face, strangers first, then by how long they are bare."""
    bare = [track for track in by_subject(judged) if any(face.bare for face in track)]
    bare.sort(key=lambda track: (not track[0].stranger, -sum(face.bare for face in track)))
    return [_track(track, fps) for track in bare]


def _track(track: Sequence[Judged], fps: float) -> dict[str, Any]:
    subject = track[0].subject
    seen = [face for face in track if face.bare]
    return {
        "track": subject.number,
        "person": subject.person or None,
        "similarity": round(subject.similarity, 3),
        "score": round(max(face.sighting.score for face in track), 2),
        "face_px": round(max(face.sighting.box.size for face in seen)),
        "face_frames": len(track),
        "bare_face_frames": len(seen),
        "first_bare_s": round(seen[0].sighting.frame / fps, 2),
        "last_bare_s": round(seen[-1].sighting.frame / fps, 2),
        "frames": [face.sighting.frame for face in seen],
    }


def _size(row: SizeRow) -> dict[str, Any]:
    return {
        "least_px": row.least_px,
        "most_px": None if math.isinf(row.most_px) else row.most_px,
        "face_frames": row.faces,
        "bare": row.bare,
        "strangers": row.strangers,
        "bare_strangers": row.bare_strangers,
        "bare_strangers_percent": round(row.percent, 3),
    }

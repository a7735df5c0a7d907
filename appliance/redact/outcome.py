"""What became of one file: counted frame by frame, and told as plain data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from appliance.core.veiling import MaskedFrame
from appliance.files.media_kind import Kind
from appliance.pipeline import Report

SAMPLED_FRAMES = 900
"""The fullest frame is looked for among so many at the beginning: quick to find again."""


@dataclass(slots=True)
class Outcome:
    """What became of one file."""

    source: Path
    target: Path
    kind: Kind
    frames: int = 0
    covered: int = 0
    """Faces covered, summed over the frames."""
    shown: int = 0
    """Faces left bare, summed over the frames."""
    by_person: Counter[str] = field(default_factory=Counter)
    tracks: set[int] = field(default_factory=set)
    """Tracks that were covered in at least one frame."""
    dropped: tuple[str, ...] = ()
    seconds: float = 0.0
    error: str | None = None
    fullest: int = 0
    """Index of the early frame in which most faces were covered: the one worth looking at."""
    most: int = 0
    """How many faces were covered in it."""

    def count(self, masked: MaskedFrame, report: Report | None) -> None:
        """Add one frame, and what the pipeline reported of it."""
        if len(masked.covered) > self.most and self.frames < SAMPLED_FRAMES:
            self.fullest, self.most = self.frames, len(masked.covered)
        self.frames += 1
        self.covered += len(masked.covered)
        self.shown += len(masked.shown)
        self.by_person.update(person.name for person in masked.shown)
        if report is not None:
            self.tracks.update([face.track for face in report.faces if not face.verdict.shows])

    @property
    def fps(self) -> float:
        """Frames a second."""
        return self.frames / self.seconds if self.seconds > 0 else 0.0

    def record(self) -> dict[str, Any]:
        """The same as plain data, for a report."""
        return {
            "input": str(self.source),
            "output": None if self.error else str(self.target),
            "kind": self.kind.value,
            "frames": self.frames,
            "face_frames_covered": self.covered,
            "face_frames_shown": self.shown,
            "shown_by_person": dict(sorted(self.by_person.items())),
            "tracks_covered": len(self.tracks),
            "dropped_streams": list(self.dropped),
            "seconds": round(self.seconds, 3),
            "fps": round(self.fps, 2),
            "error": self.error,
        }

"""docs/quality.svg: the page's figures as charts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from appliance.auditing.figures import SIZES, Figures
from tests.benchmarks.leak.clips import Measured
from tests.benchmarks.leak.staged import Staged
from tests.benchmarks.plot import Bars

BAR_PERCENT, SHOWN_PERCENT = 0.1, 95.0
"""What may be bare of strangers at most; what should be shown of who is enrolled with two photos or more."""

LATE = (1, 2, 5, 10, 20)
"""Frames to the first covered one: where the classes begin."""


def charts(clips: Sequence[Measured], staged: Sequence[Staged]) -> list[Bars]:
    """Bare strangers by size, frames to covered, enrolled shown, changes a minute."""
    named = [(clip.name, clip.judgement.figures) for clip in clips] + [(one.name, one.figures) for one in staged]
    seen = [(name, figures) for name, figures in named if figures.all_sizes.faces]
    return [_bare(seen), _late(clips, staged), _shown(clips, staged), _changes(seen)]


def _bare(named: Sequence[tuple[str, Figures]]) -> Bars:
    rows = [(name, [row.percent if row.strangers else None for row in figures.sizes]) for name, figures in named]
    sizes = [f"{least:.0f} to {most:.0f} px" if most < 1e6 else f"over {least:.0f} px" for least, most in SIZES]
    title = "bare strangers, % of their face-frames by face size (logarithmic; the line: 0.1)"
    ticks = (0.01, 0.1, 1.0, 10.0, 100.0)
    return Bars(title, sizes, rows, ticks, logarithmic=True, limit=BAR_PERCENT, digits=2)


def _late(clips: Sequence[Measured], staged: Sequence[Staged]) -> Bars:
    groups = [[clip.judgement.figures for clip in clips], [one.figures for one in staged]]
    counts = [_classes(group) for group in groups]
    names = ["the first frame", *(_class(first, after - 1) for first, after in pairwise(LATE)), f"{LATE[-1]} or more"]
    rows = [(name, [float(count[at]) for count in counts]) for at, name in enumerate(names)]
    title = "strangers' tracks by the frames until they were covered (logarithmic)"
    return Bars(title, ["clips", "staged scenes"], rows, (0.1, 1, 10, 100, 1000), logarithmic=True)


def _class(first: int, last: int) -> str:
    return f"after {first}" if first == last else f"after {first} to {last}"


def _classes(group: Iterable[Figures]) -> list[int]:
    """Tracks covered from the first frame, then by the classes of LATE."""
    counts = [0] * (len(LATE) + 1)
    for figures in group:
        counts[0] += figures.stranger_tracks - len(figures.frames_to_covered)
        for frames in figures.frames_to_covered:
            counts[sum(frames >= first for first in LATE)] += 1
    return counts


def _shown(clips: Sequence[Measured], staged: Sequence[Staged]) -> Bars:
    known = [(f"{clip.name} ({_photos(clip)})", clip.judgement.figures) for clip in clips if clip.people]
    known += [(one.name, one.figures) for one in staged]
    rows = [(name, [figures.shown_percent]) for name, figures in known if figures.known_sure]
    title = "enrolled people shown, % of the face-frames the judge is sure of (the line: 95, from two photos on)"
    return Bars(title, ["shown"], rows, (0, 25, 50, 75, 100), limit=SHOWN_PERCENT, digits=1)


def _photos(clip: Measured) -> str:
    least, most = min(clip.photos), max(clip.photos)
    return f"{most} photo{'s' * (most > 1)}" if least == most else f"{least} to {most} photos"


def _changes(named: Sequence[tuple[str, Figures]]) -> Bars:
    rows = [(name, [figures.flicker]) for name, figures in named]
    return Bars(
        "changes between bare and covered in a minute of face", ["changes"], rows, (0, 10, 20, 30, 40), digits=1
    )

"""docs/quality.md: what was measured, on what, with which command."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from appliance.auditing.figures import Figures
from tests.benchmarks.chosen import CHOSEN_ON
from tests.benchmarks.leak.clips import Measured
from tests.benchmarks.leak.staged import Staged

INTRODUCTION = """# Quality: what leaks, measured

Written by `{command}`
on {machine}; do not edit by hand.

The judge is `mofy audit`: CenterFace at full resolution, united with what YuNet is sure of there; a face counts from
20 px (geometric mean of the box's sides) and three sightings on end, at least one of them sure; gaps up to {gap} frames
are filled in. A face is bare when at least {bare:.0f} % of its fine detail (band-passed luma: correlation and relative
strength, whichever is less) is left in the masked picture; who is who is told by SFace, averaged over the track.
Nothing of this decides what MOFY covers. The judge has limits: it cannot see faces that its detectors miss, in the dark
it is half blind, and it calls an occasional ear, and every face on a screen, a face.

{chosen}
Known and left: the bare strangers of royalopera are helmet, lion and unicorn of a coat of arms, which the judge takes
for faces; timessquare's is a face on an advertising screen, blurred and turned away.
"""
PLOT = """
![bare strangers by face size, frames until they were covered, enrolled people shown, changes a minute]({plot})
"""
CLIPS = """
## Clips

Bare strangers in percent of strangers' face-frames, by face size; tracks of strangers that were bare in any frame; of
those that began bare, how many, and most frames from the first to the first covered one; enrolled people shown, in
percent of the face-frames in which the judge is sure of them (40 px and more, frontal to half profile), and how many
these are; changes between bare and covered in a minute of face.

| clip | enrolled (photos) | 20-40 px | 40-80 px | over 80 px | all | tracks | began bare | enrolled shown | changes |
|---|---|---|---|---|---|---|---|---|---|
"""
CONTROLS = """
## Controls, in the same run

In percent of face-frames called bare: the original against itself (must be 100), the original only encoded anew as
`redact` encodes (what is lost here the judge cannot see in any masked clip), and every face covered by the default mask
(must be 0).

| clip | face-frames | itself | encoded anew | all covered |
|---|---|---|---|---|
"""
STAGED = """
## Staged scenes

Real faces from photos walk over a background; who is where in each frame is known exactly. The crossings are drawn by
dice from a seed: strangers pass in front of the enrolled person and behind him, change places with him, or stand in his
place from one frame to the next. Faces that somebody nearer hides by more than a fifth are not counted. That the judge
sees bare faces here is told by the share in which the enrolled person is shown.

| scenes | crossings | frames | strangers' face-frames | bare | tracks ever bare | enrolled shown | changes |
|---|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Setting:
    """How it was measured."""

    command: str
    machine: str
    gap: int
    bare: float


def page(
    setting: Setting, clips: Sequence[Measured], staged: Sequence[Staged], skipped: Sequence[str], plot: str = ""
) -> str:
    """The whole page; plot: name of the file of charts beside it."""
    parts = [
        INTRODUCTION.format(
            command=setting.command,
            machine=setting.machine,
            gap=setting.gap,
            bare=100 * setting.bare,
            chosen=CHOSEN_ON,
        )
    ]
    if plot and (clips or staged):
        parts.append(PLOT.format(plot=plot))
    if clips:
        parts += [CLIPS, *(_clip(one) for one in clips), CONTROLS, *(_controls(one) for one in clips)]
    if staged:
        parts += [STAGED, *(_staged(one) for one in staged)]
    if skipped:
        parts += ["\n## Not measured\n\n", *(f"- {reason}\n" for reason in skipped)]
    return "".join(parts)


def _clip(one: Measured) -> str:
    figures, who = one.judgement.figures, ", ".join(f"{n} ({p})" for n, p in zip(one.people, one.photos))
    sizes = [_share(row.bare_strangers, row.strangers) for row in (*figures.sizes, figures.all_sizes)]
    cells = [one.name, who or "nobody", *sizes, _tracks(figures), _until(figures), _shown(figures)]
    return _row(*cells, f"{figures.flicker:.1f}")


def _controls(one: Measured) -> str:
    faces = one.judgement.figures.all_sizes.faces
    return _row(one.name, str(faces), *(_number(value) for value in (one.itself, one.encoded_anew, one.all_covered)))


def _staged(one: Staged) -> str:
    figures, whole = one.figures, one.figures.all_sizes
    bare = _number(whole.percent if whole.strangers else math.nan)
    cells = [one.name, str(one.crossings or "-"), str(one.frames), str(whole.strangers), f"{bare} %", _tracks(figures)]
    return _row(*cells, _shown(figures), f"{figures.flicker:.1f}")


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} % ({part} of {whole})" if whole else "-"


def _tracks(figures: Figures) -> str:
    return f"{figures.stranger_tracks_bare} of {figures.stranger_tracks}"


def _until(figures: Figures) -> str:
    late = figures.frames_to_covered
    return f"{len(late)}, up to {max(late)} frames" if late else "none"


def _shown(figures: Figures) -> str:
    return f"{figures.shown_percent:.1f} % of {figures.known_sure}" if figures.known_sure else "-"


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |\n"

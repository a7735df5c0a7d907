"""`mofy audit`: which faces of a finished recording are still bare."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.cli._options import data_option
from appliance.errors import InputError, MofyError

if TYPE_CHECKING:
    from appliance.audit import Audit
    from appliance.core.frames import RgbImage

NOT_JUDGED = 2
"""Exit code when the recordings could not be judged: 1 says that somebody is bare."""

TERMINAL_SPANS, PAGE_SPANS = 60, 120
HOW = (
    "Judged by CenterFace and YuNet at full resolution (faces of 20 px and more, seen in at least three judged frames "
    "on end), by the fine detail that both pictures share, and by SFace for who is who."
)


@click.command("audit")
@click.argument("original", type=click.Path(path_type=Path))
@click.argument("masked", type=click.Path(path_type=Path))
@click.option("--people", is_flag=True, help="Enrolled people may be bare. [default: nobody may]")
@click.option("--every", type=click.IntRange(1, 100), default=1, show_default=True, help="Judge every N-th frame only.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option(
    "--html", type=click.Path(path_type=Path), metavar="FILE", help="Write a page with pictures of the worst."
)
@click.option("--overwrite", is_flag=True, help="Replace the page if it exists.")
@data_option
def command(
    original: Path,
    masked: Path,
    people: bool,
    every: int,
    as_json: bool,
    html: Path | None,
    overwrite: bool,
    data: Path,
) -> None:
    """Tell which faces of ORIGINAL can still be seen in MASKED.

    The judge is not the pipeline that masked: it has networks and rules of its own (`mofy models add audit` fetches
    them). Exit code 1 when a stranger is bare, 0 when none is, 2 when the recordings cannot be judged.
    """
    try:
        judgement = _audit(original, masked, people, every, html, overwrite, data)
        if html is not None:
            _write_page(html, original, masked, people, judgement, overwrite)
    except MofyError as error:
        click.echo(f"mofy: {error}", err=True)
        raise click.exceptions.Exit(NOT_JUDGED) from None
    if as_json:
        click.echo(json.dumps(_record(original, masked, judgement), indent=2, ensure_ascii=False))
    else:
        _print(judgement, people)
    if not judgement.clean:
        raise click.exceptions.Exit(1)


def _audit(
    original: Path, masked: Path, people: bool, every: int, html: Path | None, overwrite: bool, data: Path
) -> Audit:
    from appliance.audit import Auditor
    from appliance.files.outputs import refuse_taken

    for path in (original, masked):
        if not path.is_file():
            raise InputError(f"{path}: there is no such file")
    if html is not None:
        _spare((original, masked), html)
        refuse_taken(html, overwrite=overwrite)
    auditor = Auditor(_crops(data) if people else {})
    with _progress() as progress:
        return auditor.audit(original, masked, every, progress)


def _spare(recordings: tuple[Path, ...], html: Path) -> None:
    """Raise InputError when the page would replace a recording that is judged."""
    if html.exists() and any(html.samefile(recording) for recording in recordings):
        raise InputError(f"--html {html}: is a recording to be judged; choose another name")


def _crops(data: Path) -> dict[str, list[RgbImage]]:
    """The photos' crops of everybody who may be shown now."""
    from appliance.store import Store

    store = Store.open(data)
    shown = [person for person in store.people() if person.shown_at(time.time())]
    return {person.name: [template.crop for template in store.templates(person.id)] for person in shown}


def _record(original: Path, masked: Path, judgement: Audit) -> dict[str, Any]:
    from appliance.auditing.record import figures_record, tracks_record

    watched = judgement.watched
    return {
        "original": str(original),
        "masked": str(masked),
        "frames": watched.frames,
        "every": watched.every,
        "fps": round(watched.fps, 3),
        "clean": judgement.clean,
        **figures_record(judgement.figures),
        "bare_tracks": tracks_record(judgement.judged, watched.fps),
    }


def _write_page(html: Path, original: Path, masked: Path, people: bool, judgement: Audit, overwrite: bool) -> None:
    from appliance.auditing.page import page
    from appliance.auditing.record import timeline, tracks_record
    from appliance.files.outputs import whole

    watched = judgement.watched
    told = [
        f"{masked.name} against {original.name}: {watched.frames} frames, every {watched.every}. judged."
        if watched.every > 1
        else f"{masked.name} against {original.name}: {watched.frames} frames.",
        *_sentences(judgement, people),
        HOW,
    ]
    spans = timeline(judgement.judged, watched.frames, watched.fps, PAGE_SPANS)
    text = page(
        f"Audit of {masked.name}", told, judgement.figures, spans, tracks_record(judgement.judged, watched.fps),
        judgement.sheet.picture(),
    )  # fmt: skip
    try:
        with whole(html, overwrite=overwrite) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"--html {html}: cannot be written ({error.strerror})") from None


def _print(judgement: Audit, people: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    from appliance.auditing.record import timeline, tracks_record

    console = Console()
    figures, watched = judgement.figures, judgement.watched
    table = Table("face size", *(("face-frames", "bare", "strangers", "bare strangers", "of strangers")))
    for column in table.columns[1:]:
        column.justify = "right"
    for row in (*figures.sizes, figures.all_sizes):
        counts = (row.faces, row.bare, row.strangers, row.bare_strangers)
        table.add_row(row.label, *(str(count) for count in counts), f"{row.percent:.2f} %")
    console.print(table)
    for sentence in _sentences(judgement, people):
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)
    spans = timeline(judgement.judged, watched.frames, watched.fps, TERMINAL_SPANS)
    marks = "".join("[red]█[/red]" if s.bare_strangers else "▁" if s.covered + s.bare_known else " " for s in spans)
    console.print(
        f"0 s {marks} {judgement.second(watched.frames):.1f} s   (bare strangers: [red]█[/red])", soft_wrap=True
    )
    for track in [track for track in tracks_record(judgement.judged, watched.fps) if track["person"] is None][:12]:
        console.print(
            f"  bare: track {track['track']}, {track['face_px']} px, {track['bare_face_frames']} frames of "
            f"{track['face_frames']}, {track['first_bare_s']:.2f} to {track['last_bare_s']:.2f} s",
            highlight=False,
        )


def _sentences(judgement: Audit, people: bool) -> list[str]:
    """What the table does not say."""
    from appliance.auditing.record import many

    figures = judgement.figures
    if not figures.all_sizes.faces:
        return ["No face of 20 px or more was found: there was nothing to judge."]
    told = [f"Strangers: {many(figures.stranger_tracks, 'track')}, {figures.stranger_tracks_bare} ever bare."]
    if not people:
        told.append("Every face counts as a stranger's (--people lets the enrolled be bare).")
    elif math.isnan(figures.shown_percent):
        told.append("Nobody enrolled was surely recognised.")
    else:
        told.append(
            f"Enrolled: shown in {figures.shown_percent:.1f} % of the {figures.known_sure} face-frames the judge is "
            "sure of (40 px and more, frontal to half profile)."
        )
    told.append(f"Changes between bare and covered: {figures.flicker:.1f} in a minute of face.")
    return told


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int | None], None]]:
    """A progress bar; nothing is drawn when nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks: dict[str, Any] = {}

        def advance(doing: str, done: int, expected: int | None) -> None:
            if doing not in tasks:
                tasks[doing] = bars.add_task(doing, total=expected)
            bars.update(tasks[doing], completed=done, total=expected)

        yield advance

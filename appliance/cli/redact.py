"""`mofy redact`: photos, videos and folders of them with everybody covered but the people who are kept."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.cli._options import data_option
from appliance.cli._styles import STYLES, warn_of

if TYPE_CHECKING:
    from appliance.core.identity import Gallery
    from appliance.files.redact_plan import Job, Plan
    from appliance.options import Config
    from appliance.redact import Outcome, Redactor
    from appliance.store.records import Widen

PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")


@click.command(name="redact")
@click.argument("inputs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="INPUT...")
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="File for one input, else a folder.")
@click.option("--keep", multiple=True, metavar="NAME", help="Show only this person; may be repeated. [default: all]")
@click.option("--keep-none", is_flag=True, help="Cover everybody.")
@click.option("--style", help=f"How faces are covered: {STYLES}.")
@click.option("--strength", type=click.IntRange(1, 5), help="1 (least) to 5 (most).")
@click.option("--margin", type=click.FloatRange(0.0, 2.0), help="Cover beyond the face, as a share of its size.")
@click.option("--outline", is_flag=True, help="Draw box and name of the people shown.")
@click.option("--quality", type=click.IntRange(0, 40), default=17, show_default=True, help="Video: x264's CRF.")
@click.option(
    "--preset",
    type=click.Choice(PRESETS),
    default="ultrafast",
    show_default=True,
    help="Video: x264's; veryfast makes a third of the size.",
)
@click.option("--keep-metadata", is_flag=True, help="Keep tags, chapters, EXIF and with them places and times.")
@click.option("--report", type=click.Path(path_type=Path), metavar="FILE.json", help="Write counts per file.")
@click.option("--overwrite", is_flag=True, help="Replace outputs that exist.")
@click.option(
    "--config", "config_file", type=click.Path(path_type=Path), metavar="FILE", help="Options as in mofy.toml."
)
@data_option
def command(
    inputs: tuple[Path, ...],
    out: Path,
    keep: tuple[str, ...],
    keep_none: bool,
    quality: int,
    preset: str,
    keep_metadata: bool,
    report: Path | None,
    overwrite: bool,
    config_file: Path | None,
    data: Path,
    **look: Any,
) -> None:
    """Cover faces in photos (JPEG, PNG, WebP, HEIC), videos, animated GIFs and folders of them.

    Enrolled people stay visible, everybody else is covered. Videos become H.264 with their sound untouched; places,
    times and other metadata are dropped.
    """
    from appliance import assembly
    from appliance.files.redact_plan import plan
    from appliance.files.video_writer import Encoding
    from appliance.redact import Choices, Parts, Redactor

    if keep and keep_none:
        raise click.UsageError("--keep and --keep-none exclude each other")
    config = assembly.for_files(_config(config_file, look))
    todo = plan(inputs, out, overwrite=overwrite)
    if report is not None:
        _refuse_report(report, overwrite)
    embedder, widen = assembly.deciding_embedder(config)
    people = _people(config, data, keep, keep_none, widen)
    choices = Choices(Encoding(quality, preset), keep_metadata, overwrite)
    with _termination_as_exit():
        outcomes = _run(Redactor(config, people, choices, Parts(assembly.detector(config), embedder)), todo)
    if report is not None:
        _write_report(report, outcomes, overwrite)
    if any(outcome.error for outcome in outcomes):
        raise click.exceptions.Exit(1)


def _config(path: Path | None, look: dict[str, Any]) -> Config:
    """Configuration with the options given; the mask is built once so that a wrong style is told at once."""
    from appliance import assembly, config

    given = {name: value for name, value in look.items() if value is not None and value is not False}
    loaded = config.load(path, {"look": given})
    assembly.mask(loaded)
    warn_of(loaded.look.style)
    return loaded


def _people(config: Config, data: Path, keep: Sequence[str], keep_none: bool, widen: Widen | None) -> Gallery:
    """Who stays visible; says in one line when that is nobody."""
    from appliance.core.identity import NOBODY

    if keep_none:
        return NOBODY
    from appliance import model_files, store

    people, worry = store.gallery_or_nobody(data, model_files.embedder_id(config), widen)
    if worry:
        click.echo(f"mofy: {worry}", err=True)
    if keep:
        return _only(people, keep)
    if not people.people:
        click.echo("mofy: nobody is enrolled: every face is covered", err=True)
    return people


def _only(people: Gallery, names: Sequence[str]) -> Gallery:
    """The gallery with only these people; raises InputError for a name nobody in it has."""
    from appliance.core.identity import gallery
    from appliance.errors import InputError

    wanted = {name.casefold(): name for name in names}
    known = {person.name.casefold() for person in people.people}
    missing = [name for folded, name in wanted.items() if folded not in known]
    if missing:
        there = ", ".join(sorted(person.name for person in people.people)) or "nobody"
        raise InputError(f"--keep {missing[0]}: there is no such person; enrolled: {there}")
    return gallery([person for person in people.people if person.name.casefold() in wanted])


def _run(redactor: Redactor, todo: Plan) -> list[Outcome]:
    if not todo.jobs:
        click.echo("mofy: there is no photo and no video among the inputs", err=True)
    outcomes: list[Outcome] = []
    try:
        with _progress(len(todo.jobs)) as progress_of:
            for job in todo.jobs:
                with progress_of(job) as progress:
                    outcome = redactor.redact(job, progress)
                outcomes.append(outcome)
                _tell(outcome)
    except KeyboardInterrupt:
        _tell_stopped(todo, outcomes)
        raise click.exceptions.Exit(130) from None
    except SystemExit:
        _tell_stopped(todo, outcomes)
        raise
    if todo.passed_over:
        click.echo(f"mofy: passed over {len(todo.passed_over)} other files, such as {todo.passed_over[0]}", err=True)
    return outcomes


def _tell(outcome: Outcome) -> None:
    if outcome.error:
        click.echo(f"mofy: {outcome.error}", err=True)
        return
    frames, covered = "", f"{outcome.covered} {'face' if outcome.covered == 1 else 'faces'} covered"
    shown = "".join(f", {name} shown" for name in sorted(outcome.by_person))
    if outcome.kind.value != "photo":
        # Over all frames: a film of four people has thousands of them.
        frames, covered = (
            f"{outcome.frames} frames at {outcome.fps:.1f} a second, ",
            f"faces covered {outcome.covered} times",
        )
        shown = "".join(f", {name} shown {count} times" for name, count in sorted(outcome.by_person.items()))
    dropped = f"; left out: {', '.join(outcome.dropped)}" if outcome.dropped else ""
    click.echo(f"{outcome.target}: {frames}{covered}{shown}{dropped}")


def _tell_stopped(todo: Plan, outcomes: Sequence[Outcome]) -> None:
    click.echo(f"mofy: stopped after {len(outcomes)} of {len(todo.jobs)} files; no half file is left", err=True)


@contextmanager
def _progress(files: int) -> Iterator[Any]:
    """A function that gives each job its progress bar; nothing is drawn when nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[fps]:.1f} frames/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:

        @contextmanager
        def of(job: Job) -> Iterator[Callable[[int, int | None], None]]:
            task = bars.add_task(job.source.name, total=None, fps=0.0)

            def advance(done: int, expected: int | None) -> None:
                bars.update(task, completed=done, total=expected, fps=bars.tasks[-1].speed or 0.0)

            yield advance
            bars.remove_task(task)

        yield of


@contextmanager
def _termination_as_exit() -> Iterator[None]:
    """SIGTERM and the terminal's end end the block as an exception would, so that it cleans up behind itself."""

    def leave(number: int, frame: object) -> None:
        sys.exit(128 + number)

    numbers = [signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = [(number, signal.signal(number, leave)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _refuse_report(path: Path, overwrite: bool) -> None:
    """Raise InputError for a place where the report could not be written, before the work is done."""
    from appliance.errors import InputError
    from appliance.files.outputs import refuse_taken

    refuse_taken(path, overwrite=overwrite)
    if not path.parent.is_dir():
        raise InputError(f"--report {path}: there is no folder {path.parent}")


def _write_report(path: Path, outcomes: Sequence[Outcome], overwrite: bool) -> None:
    from appliance.errors import InputError
    from appliance.files.outputs import whole

    try:
        with whole(path, overwrite=overwrite) as part:
            files = [outcome.record() for outcome in outcomes]
            part.write_text(json.dumps({"files": files}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"--report {path}: cannot be written ({error.strerror})") from None

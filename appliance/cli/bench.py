"""`mofy bench`: what this machine can do."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli._options import data_option

if TYPE_CHECKING:
    from appliance.bench import Figures
    from appliance.core.identity import Gallery
    from appliance.options import Config


@click.command("bench")
@click.argument("clip", required=False, type=click.Path(path_type=Path))
@data_option
@click.option(
    "--config", "config_file", type=click.Path(path_type=Path), metavar="FILE", help="Options to measure with."
)
@click.option("--seconds", type=click.FloatRange(1, 600), default=8.0, show_default=True, help="Length of the scene.")
@click.option("--rounds", type=click.IntRange(1, 50), default=3, show_default=True, help="Times each pass is run.")
@click.option("--save", is_flag=True, help="Instead: find what this box can do live, and keep it for `mofy run`.")
@click.option("--once", is_flag=True, help="With --save: only where nothing is kept of this very board yet.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def command(
    clip: Path | None,
    data: Path,
    config_file: Path | None,
    seconds: float,
    rounds: int,
    save: bool,
    once: bool,
    as_json: bool,
) -> None:
    """Measure redaction of CLIP (or of the staged scene) beside the same decode and encode without masking."""
    from appliance.errors import InputError

    if once and not save:
        raise InputError("--once: goes with --save only")
    if save:
        _tune(data, config_file, once)
        return
    import tempfile

    from appliance import bench, config

    loaded = config.load(config_file)
    if clip is not None and not clip.is_file():
        raise InputError(f"{clip}: there is no such file")
    if clip is not None:
        figures = bench.measure(clip, loaded, _enrolled(loaded, data), rounds)
    else:
        with tempfile.TemporaryDirectory(prefix="mofy-bench-") as folder:
            scene = Path(folder) / "staged scene.mp4"
            bench.stage_clip(scene, seconds)
            figures = bench.measure(scene, loaded, bench.cast(loaded), rounds)
    if as_json:
        click.echo(json.dumps(asdict(figures)))
    else:
        _print(figures)


def _tune(data: Path, config_file: Path | None, once: bool) -> None:
    from appliance import boards, supervision

    if once and boards.tuned(data):
        supervision.notify("READY=1")
        click.echo(f"{data / boards.TUNED}: was measured on this board")
        return
    from appliance import config, measuring, status, tuning

    loaded = config.load(config_file, board=boards.row().options)
    with measuring.under_way(status.runtime_folder(data)):
        # From now on the engine, which starts after this, shows a slate and leaves the machine to us.
        supervision.notify("READY=1")
        outcome = tuning.tune(loaded)
        path = tuning.save(outcome, data)
    for trial in outcome.trials:
        verdict = "holds the rate" if trial.holds else "too slow"
        click.echo(f"{trial.detector}, {trial.tiles_a_frame} tiles: {trial.frame_ms:.1f} ms a frame, {verdict}")
    rate = f"{loaded.camera.width}x{loaded.camera.height} at {loaded.camera.fps} frames a second"
    click.echo(f"{rate} leave {outcome.budget_ms:.1f} ms; kept in {path}")
    if not outcome.chosen.holds:
        click.echo("None holds it: the frame rate will fall, the promise will not; ask for fewer in [camera]")


def _enrolled(loaded: Config, data: Path) -> Gallery:
    from appliance import model_files
    from appliance.store import gallery_or_nobody

    people, _fault = gallery_or_nobody(data, model_files.embedder_id(loaded))
    return people


def _print(figures: Figures) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(
        f"{figures.clip}: {figures.width}x{figures.height}, {figures.frames} frames, "
        f"{figures.faces_per_frame:.1f} faces a frame, {figures.people} enrolled, "
        f"{figures.processors} processors, {figures.rounds} rounds"
    )
    table = Table("", "frames a second", "processor ms a frame", box=None, padding=(0, 3, 0, 0))
    table.add_row("no masking", f"{figures.plain_fps:.1f}", f"{figures.plain_cpu_ms:.1f}")
    table.add_row("redact", f"{figures.redact_fps:.1f}", f"{figures.redact_cpu_ms:.1f}")
    table.add_row("ratio", f"{figures.speed_ratio:.2f}", f"{figures.cpu_ratio:.2f}")
    console.print(table)
    for stage, milliseconds in figures.stages_ms.items():
        console.print(f"{stage:>12} {milliseconds:6.2f} ms a frame")
    console.print(f" peak memory {figures.peak_memory_mb:6.0f} MB")

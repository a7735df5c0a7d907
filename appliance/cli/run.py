"""`mofy run`: a live source, masked, on RTSP."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.cli._options import data_option
from appliance.cli._screen import Screen
from appliance.cli._styles import STYLES

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from appliance.live.engine import Engine
    from appliance.options import Config
    from appliance.status import Status

SOURCES = (
    "auto (whichever camera is connected), /dev/video0, picamera2, jetson, a film, rtsp://..., walk (a staged scene)"
)
STAGED = ("test", "walk", "clap")
"""Sources that are no camera: their stream stays on this machine unless an address is given."""


def _place(ctx: click.Context, param: click.Parameter, value: str | None) -> Path | None:
    if value is not None and not value.strip():
        raise click.BadParameter("is empty; FILE.mp4 or a folder was expected", ctx, param)
    return None if value is None else Path(value)


@click.command("run")
@click.option("--source", metavar="SOURCE", help=f"{SOURCES}.  [required]")
@data_option
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Options as in default.toml.")
@click.option("--width", type=int, help="Picture width asked of a camera.")
@click.option("--height", type=int, help="Picture height asked of a camera.")
@click.option("--fps", type=int, help="Frames a second asked of a camera.")
@click.option("--port", type=int, help="Port of the stream; 0 takes a free one.")
@click.option("--address", metavar="A", help="Network address to listen on.")
@click.option("--authentication", type=click.Choice(("auto", "on", "off")), help="Whether viewers need a password.")
@click.option("--tls/--no-tls", default=None, help="Encrypt the stream: rtsps://.")
@click.option("--profile", type=click.Choice(("constrained-baseline", "main")), help="Of H.264.")
@click.option("--bitrate", "bitrate_kbps", type=int, metavar="KBPS", help="Of the stream.")
@click.option("--keyframe", "keyframe_s", type=float, metavar="S", help="Seconds between key frames.")
@click.option("--hdmi", "output", type=click.Choice(("auto", "off", "kms", "x11", "gl", "jetson")), help="The display.")
@click.option("--style", metavar="NAME", help=f"How faces are covered: {STYLES}.")
@click.option("--strength", type=int, help="How strongly, 1 to 5.")
@click.option("--outline/--no-outline", default=None, help="Draw box and name of the shown.")
@click.option("--cover-everyone", is_flag=True, help="Show nobody, whoever is enrolled.")
@click.option("--wait", "patient", is_flag=True, help="Start although the camera is not there yet: a slate stands in.")
@click.option("--loop", is_flag=True, help="Begin a file again at its end.")
@click.option("--record", callback=_place, metavar="PLACE", help="Record too: FILE.mp4 or a FOLDER.")
@click.option("--overwrite", is_flag=True, help="Let --record replace a file.")
@click.option("--sound", "sound", metavar="SOURCE", help="Sound too: alsa:DEVICE, pulse, test, clap.")
@click.option("--push", metavar="URL", help="Send the stream on: rtmp://, srt://, rtsp://; better in --config.")
@click.option("--page/--no-page", default=True, help="Serve the page of `mofy control` beside it. [default: yes]")
@click.option("--page-port", type=click.IntRange(1, 65535), help="Its port. [default: 8080]")
@click.option("--page-address", metavar="A", help="Network address that it listens on. [default: as --address]")
@click.option("--page-tls/--no-page-tls", default=None, help="Encrypt it: https://.")
@click.option("--mqtt", metavar="HOST[:PORT]", help="The MQTT broker to speak with; needs the page's process.")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="End after so long.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def command(**given: Any) -> None:
    """Mask a live SOURCE and serve it on RTSP until stopped with Ctrl-C."""
    from appliance import failing
    from appliance.cli._page import Child
    from appliance.live.engine import ENDLESS
    from appliance.supervision import stop_signals, supervised

    if given["source"] is None:
        raise click.UsageError(f"--source is missing: {SOURCES}")
    beside = given["data"]
    with (
        stop_signals() as stop,
        Child("control", beside, *_page_options(given)) as page,
        Child("jobs", beside, *_config_option(given)) as jobs,
    ):
        screen = Screen(given["quiet"])

        def tell(status: Status) -> None:
            screen.figures(status)
            if given["page"]:
                screen.page(page.keep(), beside)
                screen.notes([line for line in jobs.keep() if not line.startswith("jobs: ")])

        try:
            built = _built(given, stop, tell)
        except Exception as error:
            if supervised():
                failing.slate(
                    str(error) or type(error).__name__, _config_or_defaults(given), given["source"], beside, stop
                )
            raise
        screen.welcome(built.address, built.login, beside)
        again = built.run(stop, given["seconds"] or ENDLESS, tell)
        screen.end(given["source"] if built.ended and not stop.is_set() else "", given["record"])
    if again and not supervised():
        # Nobody else would start it anew; a process that begins again has nothing left of what was wrong with it.
        os.execv(sys.executable, [sys.executable, "-m", "appliance.cli", *sys.argv[1:]])


def _built(given: dict[str, Any], stop: threading.Event, tell: Callable[[Status], None]) -> Engine:
    """The engine, once this machine is ready for it."""
    from appliance import engine, opening

    run = engine.Run(
        given["source"], _config(given), given["data"], given["loop"], _recording(given), given["patient"]
    )  # fmt: skip
    if opening.wait(run.config, run.source, run.data, stop, tell):
        run = replace(run, config=_config(given))
    opening.build_networks(run.config, run.source, run.data, stop, tell)
    return engine.build(run)


def _config(given: dict[str, Any]) -> Config:
    from appliance import boards, config

    places = {
        "look": ("style", "strength", "outline"),
        "camera": ("width", "height", "fps"),
        "hdmi": ("output",),
        "rtsp": ("port", "address", "authentication", "tls", "profile", "bitrate_kbps", "keyframe_s"),
    }
    changes = {
        section: {name: given[name] for name in names if given[name] is not None} for section, names in places.items()
    }
    if given["record"] is not None and _is_folder(given["record"]):
        changes["record"] = {"folder": str(given["record"]), "on": True}
    if given["sound"] is not None:
        changes["sound"] = {"source": given["sound"]}
    if given["push"] is not None:
        changes["push"] = {"url": given["push"]}
    if given["cover_everyone"]:
        changes["look"]["mode"] = "cover-everyone"
    board = boards.options(given["data"])
    loaded = config.load(given["config"], changes, board)
    if given["source"] in STAGED and given["address"] is None and loaded.rtsp.address == "0.0.0.0":
        changes["rtsp"]["address"] = "127.0.0.1"
        loaded = config.load(given["config"], changes, board)
    return loaded


def _config_or_defaults(given: dict[str, Any]) -> Config:
    """The same, or the options of every box where the mistake is in those of this one."""
    from appliance import boards, config
    from appliance.errors import MofyError

    try:
        return _config(given)
    except MofyError:
        return config.load(board=boards.row().options)


def _page_options(given: dict[str, Any]) -> list[str]:
    """Of `mofy control`: as here; of a source that is no camera the page, like the stream, stays on this machine."""
    address = given["page_address"] or given["address"]
    if address is None and given["source"] in STAGED and given["config"] is None:
        address = "127.0.0.1"
    named = (("--port", given["page_port"]), ("--address", address), ("--mqtt", given["mqtt"]))
    options = [word for name, value in named if value is not None for word in (name, str(value))]
    options += _config_option(given)
    if given["page_tls"] is not None:
        options.append("--tls" if given["page_tls"] else "--no-tls")
    return options


def _config_option(given: dict[str, Any]) -> list[str]:
    return [] if given["config"] is None else ["--config", str(given["config"])]


def _recording(given: dict[str, Any]) -> Path | None:
    from appliance.errors import InputError
    from appliance.files.outputs import refuse_taken

    record: Path | None = given["record"]
    if record is None or _is_folder(record):
        return None
    if record.suffix.lower() != ".mp4":
        raise InputError(f"{record}: --record writes MP4; give a name that ends in .mp4, or a folder")
    if record.exists() and Path(given["source"]).exists() and record.samefile(given["source"]):
        raise InputError(f"{record}: is the source itself; record to another file")
    refuse_taken(record, overwrite=given["overwrite"])
    return record


def _is_folder(record: Path) -> bool:
    return record.is_dir() or not record.suffix

"""`mofy set`: what the live picture is wished to be like, changed while it runs."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._options import data_option
from appliance.cli._room import fitted
from appliance.cli._styles import STYLES, warn_of
from appliance.cli._who import WHO

LEGEND = "-: as the engine was started; `mofy set KEY VALUE` changes it, `mofy set KEY --default` takes it back"

MEANINGS = {
    "mode": "selective; cover-everyone: nobody is shown; slate: no picture at all",
    "style": f"how faces are covered: {STYLES}",
    "strength": "how strongly, 1 to 5",
    "margin": "how far a cover reaches beyond the face, 0 to 2 face sizes",
    "outline": "true: draw box and name of the shown",
    "sign": "where it says that filming is on: off, display (HDMI), everywhere",
    "window": "frames that the picture looks ahead, 1 to 120",
    "disguise": "voices: off, deep or high",
    "record": "true or false: start or stop the recording, where --record names a folder",
    "sound": "on; mute: nothing is heard",
}


@click.command("set")
@data_option
@click.argument("key", required=False)
@click.argument("value", required=False)
@click.option("--default", "taken_back", is_flag=True, help="Take the wish back: as the engine was started.")
def command(data: Path, key: str | None, value: str | None, taken_back: bool) -> None:
    """Wish KEY of the live picture to be VALUE, now and after every restart; without KEY, list what is wished."""
    if key is None:
        _list(data)
        return
    from appliance.live import wishes
    from appliance.store import Desired

    if (value is None) != taken_back:
        told = f" ({MEANINGS[key]})" if key in MEANINGS else ""
        raise click.UsageError(f"{key}: give a value{told}, or --default")
    meant = wishes.checked(key, value) if value is not None else None
    if key not in wishes.KEYS:
        raise click.UsageError(f"{key}: there is no such setting; there are {', '.join(wishes.KEYS)}")
    if key == wishes.MODE and meant is not None:
        from appliance.live import panic

        if (why := panic.wish_mode(data, wishes.mode(meant), WHO)) is not None:
            click.echo(f"mofy: {why}", err=True)
    else:
        Desired(data).set_setting(key, meant, WHO)
    if key == "style" and meant is not None:
        warn_of(meant)
    click.echo(f"{key}: {'as the engine was started' if meant is None else meant}")


def _list(data: Path) -> None:
    from appliance.live import wishes
    from appliance.store import Desired

    stored = Desired(data).settings()
    values = {key: stored.get(key, "-") for key in wishes.KEYS}
    wide = max(map(len, values.values()))
    for key, value in values.items():
        begin = f"{key:<9} {value:<{wide}}  "
        click.echo(begin + fitted(" " * len(begin) + MEANINGS[key], len(begin)).lstrip())
    click.echo(fitted(LEGEND))

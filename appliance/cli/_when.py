"""Moments as people write them on the command line."""

from __future__ import annotations

from datetime import datetime

import click

from appliance.moments import parsed


def moment(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """Callback of an option: epoch seconds of a moment in the future, math.inf for "never", None when not given."""
    if value is None:
        return None
    seconds = parsed(value.strip().lower(), datetime.now().astimezone())
    if seconds is None:
        raise click.BadParameter(
            f"{value!r} is none of: today, sunday, 18:00, 30m, 12h, 7d, 2w, a date like 2026-12-31, never", ctx, param
        )
    if seconds <= datetime.now().timestamp():
        raise click.BadParameter(f"{value!r} has passed already; a moment in the future was expected", ctx, param)
    return seconds


expires_option = click.option(
    "--expires", callback=moment, metavar="WHEN", help="today, 12h, 7d, a date like 2026-12-31, or never."
)
"""Calls the command with expires: as `moment` gives it."""

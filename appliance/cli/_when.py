"""Moments as people write them on the command line."""

from __future__ import annotations

import math
import re
from datetime import datetime, time, timedelta

import click

UNITS = {"h": 1, "d": 24, "w": 24 * 7}
MOST_HOURS = 24 * 366 * 50


def moment(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """Callback of an option: epoch seconds of a moment in the future, math.inf for "never", None when not given."""
    if value is None:
        return None
    seconds = parsed(value.strip().lower(), datetime.now().astimezone())
    if seconds is None:
        raise click.BadParameter(f"{value!r} is none of: today, 12h, 7d, 2w, a date like 2026-12-31, never", ctx, param)
    if seconds <= datetime.now().timestamp():
        raise click.BadParameter(f"{value!r} has passed already; a moment in the future was expected", ctx, param)
    return seconds


def parsed(text: str, now: datetime) -> float | None:
    """Epoch seconds of the moment, seen from `now` (with its time zone); None when it is none."""
    if text == "never":
        return math.inf
    if text == "today":
        return _end(now)
    if span := re.fullmatch(r"([0-9]{1,6})([hdw])", text):
        hours = int(span[1]) * UNITS[span[2]]
        return (now + timedelta(hours=hours)).timestamp() if hours <= MOST_HOURS else None
    try:
        return _end(datetime.strptime(text, "%Y-%m-%d"))
    except (ValueError, OverflowError, OSError):
        return None


def _end(day: datetime) -> float:
    """The midnight after a day, by the clock on the wall."""
    return datetime.combine(day.date() + timedelta(days=1), time()).timestamp()

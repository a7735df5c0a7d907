"""Moments as people write them, on the command line and on the page."""

from __future__ import annotations

import math
import re
from datetime import datetime, time, timedelta

UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
MOST = timedelta(days=366 * 50)
SUNDAY = 6


def parsed(text: str, now: datetime) -> float | None:
    """Epoch seconds of the moment, seen from `now` (with its time zone); None when it is none."""
    if text == "never":
        return math.inf
    if text == "today":
        return _end(now)
    if text == "sunday":
        return _end(now + timedelta(days=SUNDAY - now.weekday()))
    if span := re.fullmatch(r"([0-9]{1,8})([mhdw])", text):
        length = int(span[1]) * UNITS[span[2]]
        return (now + length).timestamp() if length <= MOST else None
    if clock := re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", text):
        return _next(now, int(clock[1]), int(clock[2]))
    try:
        return _end(datetime.strptime(text, "%Y-%m-%d"))
    except (ValueError, OverflowError, OSError):
        return None


def _next(now: datetime, hour: int, minute: int) -> float | None:
    """When a clock on the wall will show this next; None when it never does."""
    if hour > 23 or minute > 59:
        return None
    shown = datetime.combine(now.date(), time(hour, minute))
    days = 0 if shown.timestamp() > now.timestamp() else 1
    return (shown + timedelta(days=days)).timestamp()


def _end(day: datetime) -> float:
    """The midnight after a day, by the clock on the wall."""
    return datetime.combine(day.date() + timedelta(days=1), time()).timestamp()

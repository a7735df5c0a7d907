"""Korean and English: the browser's wish decides until somebody presses the switch."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from flask import Flask, request
from flask_babel import Babel, format_date, format_datetime, format_decimal, format_time, get_locale
from werkzeug.wrappers import Response

NAMES = {"en": "English", "ko": "한국어"}
"""Languages by their own names; texts are written in the first."""

TIMES = {"en": "HH:mm", "ko": "aaaa h:mm"}
MOMENTS = {"en": "d MMM y, HH:mm", "ko": "y. M. d. aaaa h:mm"}
DAYS = {"en": "d MMM y", "ko": "y. M. d."}
"""As both write them: figures alone would be another day in London than in New York."""

COOKIE = "mofy-language"
KEPT_S = 365 * 24 * 3600


def speak(app: Flask) -> None:
    """Let every page speak the reader's language."""
    Babel(app, locale_selector=_chosen)
    app.context_processor(lambda: {"language": language(), "languages": NAMES})
    app.add_template_filter(moment)
    app.add_template_filter(end)
    app.add_template_filter(number)


def language() -> str:
    """The language of the answer at hand: a key of NAMES."""
    return str(get_locale() or "en")


def remember(response: Response, chosen: str) -> None:
    """Keep a choice in the browser."""
    response.set_cookie(COOKIE, chosen, max_age=KEPT_S, samesite="Strict", httponly=True)


def moment(epoch_s: float) -> str:
    """Day and time on this machine's clock, as the reader's language writes them."""
    return str(format_datetime(datetime.fromtimestamp(epoch_s), MOMENTS[language()], rebase=False))


def clock_time(epoch_s: float) -> str:
    """Only the time of it."""
    return str(format_time(datetime.fromtimestamp(epoch_s), TIMES[language()], rebase=False))


def number(value: float) -> str:
    """A number as the reader's language writes it."""
    return str(format_decimal(value))


def end(epoch_s: float) -> str:
    """The same of a moment at which something ends: of a midnight the day before it, to its end."""
    ends = datetime.fromtimestamp(epoch_s)
    if ends.time() == time():
        return str(format_date((ends - timedelta(days=1)).date(), DAYS[language()]))
    return moment(epoch_s)


def _chosen() -> str:
    kept = request.cookies.get(COOKIE, "")
    return kept if kept in NAMES else request.accept_languages.best_match(list(NAMES), "en") or "en"

"""Until when somebody is shown, as forms ask for it."""

from __future__ import annotations

import math
from datetime import datetime

from flask import request
from flask_babel import gettext as _

from appliance.errors import InputError
from appliance.moments import parsed

CHOICES = ("never", "today", "sunday", "date")


def wished() -> float | None:
    """Epoch seconds wished by the form at hand, math.inf for always, None when it does not say; raises InputError."""
    choice = request.form.get("until", "")
    if not choice:
        return None
    text = request.form.get("date", "") if choice == "date" else choice
    moment = parsed(text, datetime.now().astimezone()) if choice in CHOICES else None
    if moment is None:
        raise InputError(_("choose until when, or enter a date"))
    if not math.isinf(moment) and moment <= datetime.now().timestamp():
        raise InputError(_("this day has passed already"))
    return moment

"""The PIN asked for once more, before what cannot be undone."""

from __future__ import annotations

import time

from flask import flash
from flask_babel import gettext as _
from flask_babel import ngettext

from web import known_devices, pin
from web.box import box


def entered(given: str) -> bool:
    """True when it is right; else why not is flashed, and counted as a guess."""
    data, source, now = box().data, known_devices.source(), time.time()
    wait_s = pin.wait_s(data, source, now, known=True)
    if wait_s > 0:
        flash(waiting(wait_s))
    elif not pin.is_right(data, given[: pin.MOST], source, now, known=True):
        flash(_("This is not the PIN.") + " " + _("Nothing was changed."))
    else:
        return True
    return False


def waiting(wait_s: float) -> str:
    """How long to wait, in words."""
    seconds = max(round(wait_s), 1)
    if seconds < 60:
        return str(ngettext("Wait %(num)s second.", "Wait %(num)s seconds.", seconds))
    return str(ngettext("Wait %(num)s minute.", "Wait %(num)s minutes.", -(-seconds // 60)))

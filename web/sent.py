"""Photos and videos that were sent to be redacted, as the page and the API speak of them."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from flask import session
from flask_babel import gettext as _
from flask_babel import ngettext

from appliance.errors import MofyError
from appliance.jobs.place import Job
from appliance.jobs.queue import Queue
from appliance.jobs.records import Record
from appliance.jobs.shelf import Shelf
from appliance.live import wishes
from web.box import box

PIECE_BYTES = 4_000_000
"""A file comes in pieces of so much at most: what is lost when the line breaks, and what the server holds at a time."""

LOOK = ("style", "strength", "margin")
"""What a job takes over from the live picture unless something else is chosen."""


def shelf() -> Shelf:
    """The box's jobs."""
    return Shelf(box().data, box().config.jobs)


def put_in_queue(job: str) -> None:
    """Let the worker know. What cannot be said now it finds by itself."""
    with contextlib.suppress(MofyError):
        queue = Queue(shelf(), box().config.jobs)
        try:
            queue.put(job)
        finally:
            queue.close()


def look(chosen: Mapping[str, str]) -> dict[str, Any]:
    """Options of [look]: those chosen, else as the live picture is wished to be; raises ConfigError."""
    wished = wishes.wishes(box().data).options
    found = {key: wished[key] for key in LOOK if key in wished}
    return found | {key: wishes.option(key, chosen[key]) for key in LOOK if chosen.get(key)}


def here() -> str:
    """Names this browser's session among uploaders; the same until it logs out."""
    known = session.get("uploader")
    if not isinstance(known, str):
        known = session["uploader"] = secrets.token_hex(16)
    return hashlib.sha256(known.encode()).hexdigest()


def is_ours(record: Record) -> bool:
    """True in the session that sent it: the picture before is for nobody else."""
    known = session.get("uploader")
    return isinstance(known, str) and hashlib.sha256(known.encode()).hexdigest() == record.uploader


def share(job: Job) -> float | None:
    """How far sending or working is, 0 to 1; None where that is not known or does not matter."""
    if job.record.state == "uploading":
        return job.received / job.record.size
    if job.record.state == "working" and job.expected:
        return min(job.done / job.expected, 1.0)
    return None


def tell(job: Job) -> str:
    """How it stands, in the language of the request."""
    record, far = job.record, share(job)
    percent = "" if far is None else f" {far:.0%}"
    if record.state == "uploading":
        return str(_("Being sent:%(percent)s", percent=percent))
    if record.state == "waiting":
        return str(_("Waits for its turn"))
    if record.state == "working":
        if percent or not job.done:
            return str(_("Faces are being covered:%(percent)s", percent=percent or " …"))
        return str(ngettext("%(num)s picture done", "%(num)s pictures done", job.done))
    return told_error(record.error) if record.state == "failed" else _done(record)


def _done(record: Record) -> str:
    if record.kind == "photo":
        told = [ngettext("%(num)s face covered", "%(num)s faces covered", record.covered)]
        if record.shown:
            told.append(ngettext("%(num)s shown", "%(num)s shown", record.shown))
        return ", ".join(told)
    return str(ngettext("Done: %(num)s picture", "Done: %(num)s pictures", record.frames))


def told_error(error: str) -> str:
    """The words of the worker, in the reader's language where they are known."""
    known = {
        "this is neither a photo (JPEG, PNG, WebP, HEIC) nor a video that MOFY reads": _(
            "This is neither a photo (JPEG, PNG, WebP, HEIC) nor a video that MOFY reads."
        ),
        "its redaction ended the program several times; it is given up": _(
            "This file ended the program several times. It was given up."
        ),
        "its redaction did not come to an end; it is given up": _("This file did not come to an end. It was given up."),
    }
    return str(known.get(error) or _("It did not work: %(reason)s", reason=error))

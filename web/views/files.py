"""Photos and videos: sent from the phone, covered by the box, compared, saved, deleted."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, Response, abort, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from werkzeug.datastructures import FileStorage

from appliance.errors import InputError, StoreError
from appliance.jobs import uploads
from appliance.jobs.place import AFTER, RESULT, Job
from appliance.jobs.records import Record
from appliance.jobs.uploads import NoRoomError, PieceError
from web import looks, sent
from web.access import somebody
from web.box import box
from web.desired import desired, note
from web.limits import takes
from web.plain import refusal

page = Blueprint("files", __name__)

FORM_BYTES = 128_000_000
"""Of files sent in one form, where no script sends them in pieces."""

Answer = Any
"""What a view returns."""


@page.get("/files")
def show() -> str:
    """The list, and the form that sends more."""
    return render_template(
        "files.html",
        jobs=[_told(job) for job in _listed()],
        people=[one for one in desired(box().data).people if one.shown_at(time.time())],
        # The strength is chosen beside the style: what is weak at the least one is called so.
        styles=looks.styles(min(looks.SAMPLED)),
        look=sent.look({}),
        options=box().config.jobs,
        nobody_works=_nobody_works(),
        csrf=generate_csrf(),
        piece_bytes=sent.PIECE_BYTES,
    )


@page.get("/files.json")
def state() -> Response:
    """The list, for the script that keeps it true."""
    return jsonify(jobs=[_told(job) for job in _listed()], nobody_works=_nobody_works())


@page.post("/files")
@takes(FORM_BYTES)
def begin() -> Answer:
    """Announce a file that will come in pieces (JSON), or send small ones at once (a form, where no script runs)."""
    if request.mimetype == "multipart/form-data":
        return _taken_at_once()
    asked = request.get_json()
    if not isinstance(asked, dict) or not isinstance(asked.get("name"), str) or type(asked.get("size")) is not int:
        abort(400, "name and size of the file were expected")
    keep, chosen = asked.get("keep", []), asked.get("look", {})
    if not isinstance(keep, list) or not isinstance(chosen, dict):
        abort(400, "keep: a list, and look: an object were expected")
    record = _begun(asked["name"], asked["size"], [str(one) for one in keep], {k: str(v) for k, v in chosen.items()})
    return jsonify(id=record.id, piece=url_for("files.piece", job=record.id)), 201


@page.post("/files/<job>/piece")
@takes(sent.PIECE_BYTES)
def piece(job: str) -> Answer:
    """The next bytes of a file, as they are; `offset` says where they belong."""
    _job(job)
    offset = request.args.get("offset", type=int)
    if offset is None or offset < 0:
        abort(400, "offset: a number of bytes was expected")
    try:
        seen = uploads.receive(sent.shelf(), job, offset, request.stream, sent.PIECE_BYTES)
    except PieceError as error:
        return jsonify(received=error.have, error=str(error)), 409
    if seen.record.state == "waiting":
        sent.put_in_queue(job)
    return jsonify(received=seen.received, state=seen.record.state)


@page.get("/files/<job>")
def one(job: str) -> str:
    """Before and after, and what can be done with it."""
    seen = _job(job)
    ended_at, hours = seen.record.ended_at, box().config.jobs.keep_hours
    gone_at = None if ended_at is None else ended_at + hours * 3600.0
    return render_template("file.html", job=seen, told=_told(seen), ours=sent.is_ours(seen.record), gone_at=gone_at)


@page.get("/files/<job>/result")
def result(job: str) -> Response:
    """The finished file, to be saved, or looked at where `look` is asked."""
    seen = _job(job)
    if seen.record.state != "done":
        abort(404)
    path = sent.shelf().place(job) / RESULT / seen.record.result
    to_look = "look" in request.args
    return _file(path, download_name=seen.record.download_name, as_attachment=not to_look)


@page.get("/files/<job>/before.jpg")
def before(job: str) -> Response:
    """A moment as it was; for the session that sent it alone."""
    if not sent.is_ours(_job(job).record):
        abort(404)
    try:
        return Response(sent.shelf().before(job), mimetype="image/jpeg")
    except (OSError, StoreError):
        abort(404)


@page.get("/files/<job>/after.jpg")
def after(job: str) -> Response:
    """The same moment as it became."""
    _job(job)
    return _file(sent.shelf().place(job) / AFTER, mimetype="image/jpeg")


@page.post("/files/<job>/delete")
def delete(job: str) -> Answer:
    """For good, at once, also while it is worked on."""
    sent.shelf().delete(job)
    note(somebody().who, f"file {job}: deleted")
    flash(_("Deleted."), "done")
    return redirect(url_for("files.show"), 303)


def _taken_at_once() -> Answer:
    """Files of a form. Each is told apart: one that is refused does not hinder the others."""
    taken = 0
    for file in request.files.getlist("files"):
        if file.filename:
            try:
                _take(file)
                taken += 1
            except (InputError, NoRoomError) as error:
                flash(f"{file.filename}: {refusal(str(error)).text}")
    if not taken and not request.files.getlist("files"):
        flash(_("Choose a photo or a video first."))
    return redirect(url_for("files.show"), 303)


def _take(file: FileStorage) -> None:
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    chosen = {key: request.form.get(key, "") for key in sent.LOOK}
    record = _begun(file.filename or "", size, request.form.getlist("keep"), chosen)
    if uploads.receive(sent.shelf(), record.id, 0, file.stream, size).record.state == "waiting":
        sent.put_in_queue(record.id)


def _begun(name: str, size: int, keep: list[str], chosen: dict[str, str]) -> Record:
    known = {person.id for person in desired(box().data).people}
    record = uploads.begin(
        sent.shelf(), name, size, tuple(one for one in keep if one in known), sent.look(chosen), sent.here()
    )
    note(somebody().who, f"file {record.id}: sent, {len(record.keep)} people stay shown")
    return record


def _listed() -> list[Job]:
    return sent.shelf().jobs()


def _job(job: str) -> Job:
    try:
        return sent.shelf().job(job)
    except InputError:
        abort(404)


def _nobody_works() -> bool:
    waits = any(job.record.state in ("waiting", "working") for job in _listed())
    return waits and not sent.shelf().is_worked_on(time.time())


def _told(job: Job) -> dict[str, Any]:
    record = job.record
    return {
        "id": record.id,
        "name": record.name,
        "state": record.state,
        "told": sent.tell(job),
        "share": sent.share(job),
        "page": url_for("files.one", job=record.id),
        "picture": url_for("files.after", job=record.id) if job.after else "",
    }


def _file(path: Any, **options: Any) -> Response:
    try:
        return send_file(path, conditional=True, max_age=0, etag=False, **options)
    except OSError:
        abort(404)

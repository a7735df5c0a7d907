"""Photos and videos to be redacted."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response, abort, jsonify, request, send_file
from pydantic import Field, StrictInt, StrictStr

from appliance.errors import InputError
from appliance.jobs import uploads
from appliance.jobs.place import RESULT, Job
from appliance.jobs.uploads import PieceError
from web import sent
from web.api.blueprint import Answer, Asked, absent, asked, page, who
from web.box import box
from web.desired import desired, note
from web.limits import takes

PIECE_BYTES = 16_000_000


class Announced(Asked):
    """A file that is to come."""

    name: Annotated[StrictStr, Field(min_length=1, max_length=300)]
    size: Annotated[StrictInt, Field(ge=1, le=2**53)]
    keep: tuple[StrictStr, ...] = Field(default=(), strict=False)
    style: StrictStr | None = None
    strength: StrictInt | None = None


@page.get("/jobs")
def jobs() -> Answer:
    """All of them, newest first."""
    return jsonify(jobs=[_told(job) for job in sent.shelf().jobs()])


@page.post("/jobs")
def announce() -> Answer:
    """Begin a job: its content comes next."""
    wanted = asked(Announced)
    known = {person.id for person in desired(box().data).people}
    if unknown := [one for one in wanted.keep if one not in known]:
        raise InputError(f"keep: nobody is enrolled with the id {unknown[0]!r}")
    chosen = {key: str(value) for key in ("style", "strength") if (value := getattr(wanted, key)) is not None}
    record = uploads.begin(sent.shelf(), wanted.name, wanted.size, tuple(wanted.keep), sent.look(chosen), who())
    note(who(), f"file {record.id}: sent, {len(record.keep)} people stay shown")
    return jsonify(_told(sent.shelf().job(record.id))), 201


@page.put("/jobs/<job>/content")
@takes(PIECE_BYTES)
def content(job: str) -> Answer:
    """The next bytes, from `offset` on; 409 with how many are here when they do not fit."""
    offset = request.args.get("offset", default=0, type=int)
    _job(job)
    try:
        seen = uploads.receive(sent.shelf(), job, offset, request.stream, PIECE_BYTES)
    except PieceError as error:
        return jsonify(error=str(error), received=error.have), 409
    if seen.record.state == "waiting":
        sent.put_in_queue(job)
    return jsonify(_told(seen))


@page.get("/jobs/<job>")
def job(job: str) -> Answer:
    """One of them."""
    return jsonify(_told(_job(job)))


@page.get("/jobs/<job>/result")
def result(job: str) -> Response:
    """The finished file."""
    seen = _job(job)
    if seen.record.state != "done":
        abort(404, "this job has no result yet")
    path = sent.shelf().place(job) / RESULT / seen.record.result
    try:
        return send_file(path, download_name=seen.record.download_name, as_attachment=True)
    except OSError:
        abort(404, "this job was deleted")


@page.delete("/jobs/<job>")
def drop(job: str) -> Answer:
    """Everything of it, also while it is worked on."""
    _job(job)
    sent.shelf().delete(job)
    note(who(), f"file {job}: deleted")
    return "", 204


def _job(job: str) -> Job:
    try:
        return sent.shelf().job(job)
    except InputError:
        absent("job")
        raise


def _told(job: Job) -> dict[str, Any]:
    record = job.record
    return {
        "id": record.id,
        "name": record.name,
        "state": record.state,
        "size": record.size,
        "received": job.received,
        "frames_done": job.done,
        "frames_expected": job.expected,
        "faces_covered": record.covered,
        "faces_shown": record.shown,
        "kept": list(record.keep),
        "missing": record.missing,
        "error": record.error or None,
        "created_at": record.created_at,
        "ended_at": record.ended_at,
    }

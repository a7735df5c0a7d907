"""One job, done in a process of its own: what a hostile file does to a decoder ends with it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import resource
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from appliance import assembly, model_files, redact, store, whole_files
from appliance.core.identity import Gallery, gallery
from appliance.errors import InputError, MofyError
from appliance.files.media_kind import Kind
from appliance.files.outputs import whole
from appliance.files.redact_plan import plan
from appliance.jobs import stills
from appliance.jobs.place import AFTER, LOCK, PROGRESS, RESULT
from appliance.jobs.records import Record
from appliance.jobs.shelf import Shelf
from appliance.options import Config
from appliance.store.records import Widen

MOST_MEMORY_BYTES = 6 << 30
"""Of address space: several times what the largest picture taken needs."""

TELL_EVERY_S = 0.4
ORPHAN_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Site:
    """Where the work is done, and how."""

    data: Path
    """Folder of people and key."""
    config: Config


def alone(site: Site, job: str) -> None:
    """Do the job and end; to be the only thing that a process does. Its outcome is in the job's record."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Ctrl-C at a terminal is for the parent, which ends this.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_die_with, args=(os.getppid(),), daemon=True).start()
    do(site, job)


def do(site: Site, job: str) -> None:
    """Redact what was sent, unless somebody else does it or it is done. A deleted job ends in silence."""
    shelf = Shelf(site.data, site.config.jobs)
    with contextlib.suppress(InputError, FileNotFoundError), locked(shelf.place(job)) as ours:
        record = shelf.job(job).record
        if ours and record.state in ("waiting", "working"):
            _work(site, shelf, replace(record, state="working", tries=record.tries + 1))


@contextlib.contextmanager
def locked(place: Path) -> Iterator[bool]:
    """Whether the job is ours for the block; the kernel gives it back however the process ends."""
    handle = os.open(place / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def _work(site: Site, shelf: Shelf, record: Record) -> None:
    shelf.update(record)
    place = shelf.place(record.id)
    # What an earlier try left behind is not whole.
    shutil.rmtree(place / RESULT, ignore_errors=True)
    (place / RESULT).mkdir(mode=0o700)
    try:
        done = _redacted(site, shelf, record, place)
    except MofyError as error:
        done = replace(record, state="failed", error=str(error))
    done = replace(done, ended_at=time.time())
    shelf.update(done)
    # The original goes as soon as it is not needed any more: there is nothing to leak of what is not there.
    shelf.forget_original(done)


def _redacted(site: Site, shelf: Shelf, record: Record, place: Path) -> Record:
    look = site.config.look.model_copy(update=dict(record.look))
    options = assembly.for_files(site.config.model_copy(update={"look": look}))
    embedder, widen = assembly.deciding_embedder(options)
    source, parts = shelf.upload(record), redact.Parts(assembly.detector(options), embedder)
    (todo,) = plan([source], place / RESULT, overwrite=True).jobs
    while True:
        people, worry = _people(site, record, widen)
        outcome = redact.Redactor(options, people, parts=parts).redact(todo, _Teller(place).tell)
        if outcome.error:
            raise MofyError(_private(outcome.error, source, outcome.target, record.name))
        if _ids(people) <= _ids(_people(site, record, widen)[0]):
            break
        # Somebody was deleted, or switched off, while it was made: he may be bare in it.
        outcome.target.unlink()
    _compare(shelf, place, source, outcome)
    return replace(
        record,
        state="done",
        kind=outcome.kind.value,
        result=outcome.target.name,
        frames=outcome.frames,
        covered=outcome.covered,
        shown=outcome.shown,
        missing=len(set(record.keep) - _ids(people)),
        notes=(*((worry,) if worry else ()), *(f"left out: {what}" for what in outcome.dropped)),
    )


def _people(site: Site, record: Record, widen: Widen | None) -> tuple[Gallery, str | None]:
    """Of those who may be shown now, the ones chosen: nobody who was deleted since, nobody who is switched off."""
    if not record.keep:
        return gallery([]), None
    model = model_files.embedder_id(site.config)
    people, worry = store.gallery_or_nobody(site.data, model, widen)
    return gallery([person for person in people.people if person.id in record.keep]), worry


def _ids(people: Gallery) -> set[str]:
    return {person.id for person in people.people}


def _compare(shelf: Shelf, place: Path, source: Path, outcome: redact.Outcome) -> None:
    """Keep the fullest moment, before and after. Without it the result is as good."""
    with contextlib.suppress(MofyError, OSError):
        kind = Kind.VIDEO if outcome.kind is Kind.VIDEO else Kind.PHOTO
        shelf.keep_before(place.name, stills.still(source, kind, outcome.fullest))
        with whole(place / AFTER, overwrite=True) as part:
            part.write_bytes(stills.still(outcome.target, kind, outcome.fullest))


class _Teller:
    """Tells how far it is, now and then; and ends the work when the job was deleted."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._told_at = float("-inf")

    def tell(self, done: int, expected: int | None) -> None:
        """See redact.Progress."""
        now = time.monotonic()
        if now - self._told_at < TELL_EVERY_S:
            return
        self._told_at = now
        whole_files.replace(self._place / PROGRESS, json.dumps({"done": done, "expected": expected}))


def _private(error: str, source: Path, target: Path, name: str) -> str:
    """The words without this machine's folders."""
    told = error.replace(str(source), name).replace(str(target), name)
    return told.removeprefix(f"{name}: ")


def _die_with(parent: int) -> None:
    """Nobody looks after a process whose parent is gone."""
    while os.getppid() == parent:
        time.sleep(ORPHAN_EVERY_S)
    os.kill(os.getpid(), signal.SIGKILL)

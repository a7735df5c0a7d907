"""Jobs as files: private, and gone when deleted."""

from __future__ import annotations

import os
import shutil
import stat
import time

import pytest

from appliance.errors import InputError
from appliance.jobs import records
from tests.jobs.conftest import DRAWING, sent


def test_nobody_else_can_read_it(shelf):
    before = os.umask(0)
    try:
        job = sent(shelf, DRAWING)
    finally:
        os.umask(before)
    for path in (shelf.folder, *shelf.folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert b"demo" not in (shelf.place(job.id) / records.NAME).read_bytes(), "names are locked"


def test_a_record_that_was_altered_or_moved_is_none(shelf):
    job, other = sent(shelf, DRAWING), sent(shelf, DRAWING)
    shutil.copy(shelf.place(job.id) / records.NAME, shelf.place(other.id) / records.NAME)
    with pytest.raises(InputError):
        shelf.job(other.id)
    (shelf.place(job.id) / records.NAME).write_bytes(b"garbage")
    assert shelf.jobs() == []


@pytest.mark.parametrize("job", ["..", "../../etc", "0" * 15, "0" * 16 + "/", "key", "queue.db", "0" * 16])
def test_an_id_is_no_way_out_of_the_folder(shelf, job):
    sent(shelf, DRAWING)
    with pytest.raises(InputError, match="no such job"):
        shelf.job(job)


def test_deleting_leaves_nothing_and_may_be_done_twice(shelf):
    job = sent(shelf, DRAWING)
    shelf.delete(job.id)
    shelf.delete(job.id)
    assert [path.name for path in shelf.folder.iterdir()] == ["key"]
    assert not shelf.is_worked_on(time.time())
    shelf.sign()
    assert shelf.is_worked_on(time.time())
    with pytest.raises(FileNotFoundError):
        shelf.update(job)


def test_what_a_worker_hindered_goes_when_it_is_deleted_again(shelf):
    job = sent(shelf, DRAWING).id
    hindered = shelf.place(job).with_name(f".gone-{job}-0123")
    shelf.place(job).rename(hindered)
    shelf.delete(job)
    assert [path.name for path in shelf.folder.iterdir()] == ["key"]

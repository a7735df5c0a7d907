"""Jobs go in time."""

from __future__ import annotations

import time
from dataclasses import replace

from appliance.jobs.expiry import ABANDONED_S, sweep
from appliance.jobs.shelf import Shelf
from tests.jobs.begun import begun
from tests.jobs.conftest import DRAWING, options, sent


def test_what_was_kept_long_enough_goes(shelf):
    kept, ended, waiting = (sent(shelf, DRAWING) for _ in range(3))
    shelf.update(replace(ended, state="done", ended_at=time.time() - 25 * 3600))
    shelf.update(replace(kept, state="done", ended_at=time.time() - 23 * 3600))
    assert sweep(shelf, time.time()) == [ended.id]
    assert {job.record.id for job in shelf.jobs()} == {kept.id, waiting.id}
    assert len(sweep(shelf, time.time() + 3600 * 37)) == 2, "what never came to an end goes too"


def test_an_upload_that_was_given_up_goes(shelf):
    job = begun(shelf)
    assert sweep(shelf, time.time()) == []
    assert sweep(shelf, time.time() + ABANDONED_S + 60) == [job.id]


def test_what_a_killed_deletion_left_goes(shelf):
    job = sent(shelf, DRAWING)
    shelf.place(job.id).rename(shelf.folder / f".gone-{job.id}-1234")
    sweep(shelf, time.time())
    assert [path.name for path in shelf.folder.iterdir()] == ["key"]


def test_what_nobody_can_read_any_more_goes_by_its_age(shelf):
    """The card in another machine: what phones sent lies open there, and must not for ever."""
    job = sent(shelf, DRAWING)
    (shelf.folder / "key").write_bytes(b"half")
    assert sweep(shelf, time.time() + 3600 * 30) == []
    assert sweep(shelf, time.time() + 3600 * 37) == [job.id]


def test_nothing_is_made_by_looking(tmp_path):
    shelf = Shelf(tmp_path / "data", options().jobs)
    assert (shelf.jobs(), sweep(shelf, time.time())) == ([], [])
    assert not (tmp_path / "data").exists()

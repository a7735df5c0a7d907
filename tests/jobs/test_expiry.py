"""Jobs go in time."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from appliance.errors import InputError
from appliance.jobs import records
from appliance.jobs.expiry import ABANDONED_S, date_anew, sweep
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


def test_what_was_sent_goes_though_the_power_went_right_after_the_work(shelf):
    done, waiting = (sent(shelf, DRAWING) for _ in range(2))
    shelf.update(replace(done, state="done", ended_at=time.time()))
    assert shelf.upload(done).exists()
    assert sweep(shelf, time.time()) == []
    assert (shelf.upload(done).exists(), shelf.upload(waiting).exists()) == (False, True)


def test_a_job_whose_record_cannot_be_read_for_a_moment_stays(shelf, monkeypatch):
    """Too many files are open just now: that is no sign that it was half deleted."""
    job = replace(sent(shelf, DRAWING), state="done", ended_at=time.time())
    shelf.update(job)

    def refuse(*_):
        raise InputError("there is no such job any more")

    with monkeypatch.context() as full:
        full.setattr(records, "read", refuse)
        assert sweep(shelf, time.time() + ABANDONED_S + 60) == []
        assert sweep(shelf, time.time() + 3600 * 37) == [job.id]


def test_an_upload_that_was_given_up_goes(shelf):
    job = begun(shelf)
    assert sweep(shelf, time.time()) == []
    assert sweep(shelf, time.time() + ABANDONED_S + 60) == [job.id]


@pytest.mark.parametrize("ahead_s", [30 * 24 * 3600.0, -30 * 24 * 3600.0])
def test_a_clock_that_is_set_makes_nothing_older(shelf, ahead_s):
    """Of a box that had no network for weeks: what was sent and made meanwhile is a minute old when it gets one."""
    done, waiting, coming = sent(shelf, DRAWING), sent(shelf, DRAWING), begun(shelf)
    now = time.time()
    shelf.update(replace(done, state="done", ended_at=now - 23 * 3600))
    date_anew(shelf, ahead_s)
    assert sweep(shelf, now + ahead_s) == []
    assert {*sweep(shelf, now + ahead_s + 2 * 3600)} == {done.id, coming.id}
    assert sweep(shelf, now + ahead_s + 37 * 3600) == [waiting.id]


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

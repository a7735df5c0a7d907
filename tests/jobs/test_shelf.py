"""Jobs as files: taken in piece by piece, private, deleted in time, never more than there is room for."""

from __future__ import annotations

import io
import os
import shutil
import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import InputError, StoreError
from appliance.jobs import records
from appliance.jobs.shelf import ABANDONED_S, CHUNK_BYTES, NoRoomError, PieceError, Shelf
from tests.jobs.conftest import DRAWING, options, sent

PHOTO = DRAWING.read_bytes()


def begun(shelf: Shelf, size: int = len(PHOTO), name: str = "party.jpg") -> records.Record:
    return shelf.begin(name, size, ("p1",), {"style": "solid"}, "me")


def test_pieces_become_a_file_that_waits(shelf):
    job = begun(shelf).id
    assert shelf.job(job).record.state == "uploading"
    for begin in range(0, len(PHOTO), 30_000):
        seen = shelf.receive(job, begin, io.BytesIO(PHOTO[begin : begin + 30_000]), 30_000)
    assert (seen.record.state, seen.record.kind, seen.received) == ("waiting", "photo", len(PHOTO))
    assert shelf.upload(seen.record).read_bytes() == PHOTO


def test_an_upload_that_was_cut_off_goes_on_where_it_ended(shelf):
    job = begun(shelf).id
    shelf.receive(job, 0, io.BytesIO(PHOTO[:1000]), 10**6)
    for wrong in (0, 999, 1001):
        with pytest.raises(PieceError) as refused:
            shelf.receive(job, wrong, io.BytesIO(PHOTO[wrong:]), 10**6)
        assert refused.value.have == 1000
    assert shelf.receive(job, 1000, io.BytesIO(PHOTO[1000:]), 10**6).record.state == "waiting"
    with pytest.raises(PieceError):
        shelf.receive(job, len(PHOTO), io.BytesIO(b"more"), 10**6)


def test_more_than_was_announced_is_not_taken(shelf):
    job = begun(shelf, 1000).id
    with pytest.raises(InputError, match="more was sent"):
        shelf.receive(job, 0, io.BytesIO(PHOTO[:1001]), 10**6)
    assert shelf.job(job).received == 0, "a piece counts whole or not at all"
    with pytest.raises(InputError, match="more was sent"):
        shelf.receive(job, 0, io.BytesIO(PHOTO[:600]), 500)


def test_what_is_neither_photo_nor_video_is_told_at_once_and_not_kept(shelf, tmp_path):
    (tmp_path / "notes.jpg").write_bytes(b"#!/bin/sh\nrm -rf /\n")
    failed = sent(shelf, tmp_path / "notes.jpg")
    assert failed.state == "failed"
    assert "neither a photo" in failed.error
    assert not shelf.upload(failed).exists()


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


def test_what_is_too_large_or_empty_is_refused_before_it_comes(tmp_path):
    shelf = Shelf(tmp_path, options(most_mb=1).jobs)
    for size, why in ((0, "empty"), (-5, "empty"), (1_000_001, "1 MB at most")):
        with pytest.raises(InputError, match=why):
            begun(shelf, size)
    assert not shelf.folder.exists()


def test_a_disk_without_room_takes_nothing(tmp_path):
    free_mb = shutil.disk_usage(tmp_path).free // 1_000_000
    full = Shelf(tmp_path / "a", options(keep_free_mb=free_mb + 1000).jobs)
    with pytest.raises(NoRoomError, match="no room"):
        begun(full)
    # What others have announced counts as taken: two uploads must not both rely on the same room.
    half = Shelf(tmp_path / "b", options(keep_free_mb=10, most_mb=free_mb + 1000).jobs)
    begun(half, round(free_mb * 0.45) * 1_000_000)
    with pytest.raises(NoRoomError):
        begun(half, round(free_mb * 0.45) * 1_000_000)


def test_the_list_has_an_end(tmp_path):
    shelf = Shelf(tmp_path, options(most_jobs=2).jobs)
    begun(shelf)
    begun(shelf)
    with pytest.raises(NoRoomError, match="2 files here already"):
        begun(shelf)


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path):
    (tmp_path / "jobs").write_text("a file")
    with pytest.raises(StoreError, match="jobs cannot be kept here"):
        begun(Shelf(tmp_path, options().jobs))


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


def test_what_was_kept_long_enough_goes(shelf):
    kept, ended, waiting = (sent(shelf, DRAWING) for _ in range(3))
    shelf.update(replace(ended, state="done", ended_at=time.time() - 25 * 3600))
    shelf.update(replace(kept, state="done", ended_at=time.time() - 23 * 3600))
    assert shelf.sweep(time.time()) == [ended.id]
    assert {job.record.id for job in shelf.jobs()} == {kept.id, waiting.id}
    assert len(shelf.sweep(time.time() + 3600 * 37)) == 2, "what never came to an end goes too"


def test_an_upload_that_was_given_up_goes(shelf):
    job = begun(shelf)
    assert shelf.sweep(time.time()) == []
    assert shelf.sweep(time.time() + ABANDONED_S + 60) == [job.id]


def test_what_a_worker_hindered_goes_when_it_is_deleted_again(shelf):
    job = sent(shelf, DRAWING).id
    hindered = shelf.place(job).with_name(f".gone-{job}-0123")
    shelf.place(job).rename(hindered)
    shelf.delete(job)
    assert [path.name for path in shelf.folder.iterdir()] == ["key"]


def test_what_a_killed_deletion_left_goes(shelf):
    job = sent(shelf, DRAWING)
    shelf.place(job.id).rename(shelf.folder / f".gone-{job.id}-1234")
    shelf.sweep(time.time())
    assert [path.name for path in shelf.folder.iterdir()] == ["key"]


def test_nothing_is_made_by_looking(tmp_path):
    shelf = Shelf(tmp_path / "data", options().jobs)
    assert (shelf.jobs(), shelf.sweep(time.time())) == ([], [])
    assert not (tmp_path / "data").exists()


@given(st.text(max_size=300))
def test_a_name_is_one_line_that_leads_nowhere(name):
    clean = records.clean_name(name)
    assert 0 < len(clean) <= 130
    assert "/" not in clean
    assert "\\" not in clean
    assert clean.isprintable()
    assert not clean.startswith(".")
    assert Path(clean).name == clean


def test_a_large_piece_is_not_held_in_memory(shelf):
    class Endless:
        asked = 0

        def read(self, size: int) -> bytes:
            self.asked = max(self.asked, size)
            return b"\xff" * size

    stream = Endless()
    with pytest.raises(InputError):
        shelf.receive(begun(shelf, 5 * CHUNK_BYTES).id, 0, stream, 10**9)
    assert stream.asked <= CHUNK_BYTES

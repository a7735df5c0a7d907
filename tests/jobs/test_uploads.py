"""Files that come piece by piece: whole or not at all, and never more than there is room for."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace

import pytest

from appliance.errors import InputError, StoreError
from appliance.jobs import uploads
from appliance.jobs.shelf import Shelf
from appliance.jobs.uploads import CHUNK_BYTES, NoRoomError, PieceError
from tests.jobs.begun import PHOTO, begun
from tests.jobs.conftest import options, sent


def test_pieces_become_a_file_that_waits(shelf):
    job = begun(shelf).id
    assert shelf.job(job).record.state == "uploading"
    for begin in range(0, len(PHOTO), 30_000):
        seen = uploads.receive(shelf, job, begin, io.BytesIO(PHOTO[begin : begin + 30_000]), 30_000)
    assert (seen.record.state, seen.record.kind, seen.received) == ("waiting", "photo", len(PHOTO))
    assert shelf.upload(seen.record).read_bytes() == PHOTO


def test_an_upload_that_was_cut_off_goes_on_where_it_ended(shelf):
    job = begun(shelf).id
    uploads.receive(shelf, job, 0, io.BytesIO(PHOTO[:1000]), 10**6)
    for wrong in (0, 999, 1001):
        with pytest.raises(PieceError) as refused:
            uploads.receive(shelf, job, wrong, io.BytesIO(PHOTO[wrong:]), 10**6)
        assert refused.value.have == 1000
    assert uploads.receive(shelf, job, 1000, io.BytesIO(PHOTO[1000:]), 10**6).record.state == "waiting"
    with pytest.raises(PieceError):
        uploads.receive(shelf, job, len(PHOTO), io.BytesIO(b"more"), 10**6)


def test_an_end_that_is_sent_twice_begins_the_work_once(shelf, monkeypatch):
    """The answer was lost and the phone says again that nothing is missing, while the first one is still taken."""
    job = begun(shelf).id
    uploads.receive(shelf, job, 0, io.BytesIO(PHOTO[:1000]), 10**6)
    locked, again = uploads.fcntl.flock, []

    def then_first(file, how):
        if not again:
            again.append(job)
            uploads.receive(shelf, job, 1000, io.BytesIO(PHOTO[1000:]), 10**6)
            shelf.update(replace(shelf.job(job).record, state="working"))
        return locked(file, how)

    monkeypatch.setattr(uploads.fcntl, "flock", then_first)
    with pytest.raises(PieceError) as refused:
        uploads.receive(shelf, job, len(PHOTO), io.BytesIO(b""), 10**6)
    assert refused.value.have == len(PHOTO)
    assert shelf.job(job).record.state == "working"


def test_more_than_was_announced_is_not_taken(shelf):
    job = begun(shelf, 1000).id
    with pytest.raises(InputError, match="more was sent"):
        uploads.receive(shelf, job, 0, io.BytesIO(PHOTO[:1001]), 10**6)
    assert shelf.job(job).received == 0, "a piece counts whole or not at all"
    with pytest.raises(InputError, match="more was sent"):
        uploads.receive(shelf, job, 0, io.BytesIO(PHOTO[:600]), 500)


def test_what_is_neither_photo_nor_video_is_told_at_once_and_not_kept(shelf, tmp_path):
    (tmp_path / "notes.jpg").write_bytes(b"#!/bin/sh\nrm -rf /\n")
    failed = sent(shelf, tmp_path / "notes.jpg")
    assert failed.state == "failed"
    assert "neither a photo" in failed.error
    assert not shelf.upload(failed).exists()


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


def test_a_large_piece_is_not_held_in_memory(shelf):
    class Endless:
        asked = 0

        def read(self, size: int) -> bytes:
            self.asked = max(self.asked, size)
            return b"\xff" * size

    stream = Endless()
    with pytest.raises(InputError):
        uploads.receive(shelf, begun(shelf, 5 * CHUNK_BYTES).id, 0, stream, 10**9)
    assert stream.asked <= CHUNK_BYTES

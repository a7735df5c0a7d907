"""Pieces play whatever happened, are never overwritten, and end before the disk does."""

from __future__ import annotations

import errno
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from appliance.errors import SinkError
from appliance.options import Record
from appliance.sinks import segments
from appliance.sinks.segments import MB, SegmentsSink
from tests.contracts.test_sinks import masked
from tests.sinks.test_file import played
from tests.waiting import PATIENCE_S

KEPT_MB = 100
PICTURE = masked()


class Disk:
    """Has the room it is told to have."""

    free_mb = 10_000

    def __call__(self, folder: Path) -> int:
        return self.free_mb * MB


@pytest.fixture
def disk(monkeypatch) -> Disk:
    """The disk that is looked at; several times a second, so that tests need not wait."""
    monkeypatch.setattr(segments, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(segments, "RETRY_S", 0.1)
    monkeypatch.setattr(segments, "SYNC_EVERY_S", 0.1)
    return Disk()


@pytest.fixture
def recorder(tmp_path, disk):
    """A recorder of pieces of one second."""
    options = Record(folder=str(tmp_path / "films"), on=True, minutes=1 / 60, keep_free_mb=KEPT_MB)
    made = SegmentsSink(options, 30, disk)
    yield made
    made.close()


def feed(recorder: SegmentsSink, seconds: float) -> int:
    """The number of pictures that were given to it."""
    end_at, count = time.monotonic() + seconds, 0
    while time.monotonic() < end_at:
        recorder.write(replace(PICTURE, captured_at=time.monotonic()))
        count += 1
        time.sleep(1 / 30)
    return count


def feed_until(recorder: SegmentsSink, what, most_s: float = PATIENCE_S) -> None:
    end_at = time.monotonic() + most_s
    while not what():
        assert time.monotonic() < end_at
        feed(recorder, 0.1)


def pieces(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "films").iterdir())


def test_nothing_is_written_before_it_is_wished(recorder, tmp_path):
    feed(recorder, 0.3)
    assert pieces(tmp_path) == []
    assert not recorder.recording


def test_pieces_follow_one_another_and_each_plays(recorder, tmp_path):
    recorder.switch(True)
    given = feed(recorder, 2.6)
    assert recorder.recording
    recorder.close()
    made = pieces(tmp_path)
    assert len(made) == 3
    lengths = [len(played(piece)) for piece in made]
    assert sum(lengths) > 0.7 * given
    assert all(played(piece)[-1][0] < 1.2 for piece in made)
    assert all(datetime.strptime(piece.stem[:19], "%Y-%m-%d_%H-%M-%S") for piece in made)


def test_it_starts_and_stops_by_wish_and_each_start_is_a_piece(recorder, tmp_path):
    for _ in range(2):
        recorder.switch(True)
        feed(recorder, 0.3)
        recorder.switch(False)
        feed_until(recorder, lambda: not recorder.recording)
    assert len(pieces(tmp_path)) == 2
    assert all(played(piece) for piece in pieces(tmp_path))


def test_two_pieces_of_one_second_and_a_clock_set_back_overwrite_nothing(tmp_path):
    at = datetime(2026, 3, 1, 2, 30, 0)
    names = [segments._new(tmp_path, at).name for _ in range(3)]
    assert names == ["2026-03-01_02-30-00.mp4", "2026-03-01_02-30-00_2.mp4", "2026-03-01_02-30-00_3.mp4"]


def test_it_stops_before_the_disk_is_full_says_so_and_goes_on_when_there_is_room(recorder, disk, tmp_path):
    recorder.switch(True)
    feed(recorder, 0.3)
    disk.free_mb = KEPT_MB - 1
    feed_until(recorder, lambda: recorder.fault)
    assert not recorder.recording
    assert "99 MB are free and 100 MB are kept" in recorder.fault
    assert played(pieces(tmp_path)[0])
    disk.free_mb = KEPT_MB + 1
    feed(recorder, 0.3)
    assert len(pieces(tmp_path)) == 1, "a little more room is soon used up: no piece of a second each"
    disk.free_mb = KEPT_MB + segments.RESUME_MB + 1
    feed_until(recorder, lambda: recorder.recording)
    assert recorder.fault is None
    assert len(pieces(tmp_path)) == 2


def test_a_disk_that_is_full_from_the_start_gets_nothing(recorder, disk, tmp_path):
    disk.free_mb = 0
    recorder.switch(True)
    feed(recorder, 0.3)
    assert pieces(tmp_path) == []
    assert recorder.fault
    recorder.switch(False)
    assert recorder.fault is None, "nothing is wished, so nothing is wrong"


def test_an_error_of_writing_is_told_and_tried_again(recorder, tmp_path, monkeypatch):
    recorder.switch(True)
    feed(recorder, 0.2)
    add = segments.Film.add

    def fails(self, frame):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(segments.Film, "add", fails)
    feed_until(recorder, lambda: recorder.fault)
    assert recorder.fault.endswith("the recording stopped (input/output error)")
    monkeypatch.setattr(segments.Film, "add", add)
    feed_until(recorder, lambda: recorder.recording and recorder.fault is None)
    assert played(pieces(tmp_path)[0])


def test_a_folder_that_goes_away_is_told_and_not_made_elsewhere(recorder, tmp_path, monkeypatch):
    """A stick that was pulled out leaves its place on the system's own disk: nothing may fill that one."""
    recorder.switch(True)
    feed(recorder, 0.2)
    (tmp_path / "films").rename(tmp_path / "pulled")
    feed_until(recorder, lambda: recorder.fault)
    assert not (tmp_path / "films").exists()
    (tmp_path / "pulled").rename(tmp_path / "films")
    feed_until(recorder, lambda: recorder.recording)


def test_what_was_written_is_put_on_the_disk_itself(recorder, tmp_path, monkeypatch):
    synced = []
    sync = segments._sync
    monkeypatch.setattr(segments, "_sync", lambda path: (sync(path), synced.append(path)))
    recorder.switch(True)
    feed(recorder, 0.6)
    assert {path.suffix for path in synced} == {".mp4", ""}
    assert synced.count(tmp_path / "films") >= 2


def test_a_cut_leaves_all_but_the_last_moment(tmp_path, disk):
    options = Record(folder=str(tmp_path / "films"), on=True, minutes=10, keep_free_mb=KEPT_MB)
    recorder = SegmentsSink(options, 30, disk)
    recorder.switch(True)
    feed(recorder, 2.6)
    (piece,) = pieces(tmp_path)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(piece.read_bytes())
    recorder.close()
    assert played(cut)[-1][0] > 0.9


@pytest.mark.parametrize("place", ["none/films", "taken"])
def test_a_place_that_is_no_folder_is_told_before_anything_is_served(tmp_path, place):
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(SinkError, match="cannot be recorded to"):
        SegmentsSink(Record(folder=str(tmp_path / place), on=True, minutes=1, keep_free_mb=KEPT_MB), 30)

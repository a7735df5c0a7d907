"""A recording plays whatever happened: a cut, a full disk, a picture that changes its size."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import av
import pytest

from appliance.errors import SinkError
from appliance.sinks import file
from tests.contracts.test_sinks import masked


def record(sink: file.FileSink, seconds: float, sizes=((320, 240),)) -> int:
    pictures = [masked(*size, text=str(size)) for size in sizes]
    count = round(seconds * 30)
    for index in range(count):
        sink.write(replace(pictures[index * len(pictures) // count], captured_at=time.monotonic()))
        time.sleep(1 / 30)
    return count


def played(path: Path) -> list[tuple[float, int, int]]:
    """(seconds, width, height) of every picture that can be played."""
    pictures = []
    with av.open(str(path)) as film:
        try:
            for picture in film.decode(video=0):
                pictures.append((picture.time, picture.width, picture.height))
        except av.FFmpegError:
            pass
    return pictures


def test_pictures_stand_where_they_were_taken(tmp_path):
    sink = file.FileSink(tmp_path / "a.mp4", 30)
    began = time.monotonic()
    count = record(sink, 1.0)
    took = time.monotonic() - began
    sink.close()
    pictures = played(tmp_path / "a.mp4")
    assert len(pictures) == count
    assert pictures[0][0] == 0.0
    assert pictures[-1][0] == pytest.approx(took, abs=0.15)


def test_a_cut_leaves_all_but_the_last_moment(tmp_path):
    sink = file.FileSink(tmp_path / "a.mp4", 30)
    record(sink, 2.6)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes((tmp_path / "a.mp4").read_bytes())  # the file as a power cut would leave it
    sink.close()
    assert played(cut)[-1][0] > 0.9


def test_a_size_that_changes_is_fitted_into_the_film(tmp_path):
    sink = file.FileSink(tmp_path / "a.mp4", 30)
    count = record(sink, 0.6, ((320, 240), (161, 121), (640, 480)))
    sink.close()
    pictures = played(tmp_path / "a.mp4")
    assert {picture[1:] for picture in pictures} == {(320, 240)}
    assert len(pictures) == count


def test_a_full_disk_ends_the_recording_alone():
    sink = file.FileSink(Path("/dev/full"), 30)
    end_at = time.monotonic() + 5
    while sink.fault is None and time.monotonic() < end_at:
        record(sink, 0.2)
    assert sink.fault is not None
    assert sink.fault.startswith("/dev/full: the recording stopped (")
    sink.write(masked())
    sink.close()


@pytest.mark.parametrize("place", ["none/a.mp4", "."])
def test_a_place_that_cannot_be_written_is_told_before_anything_is_served(tmp_path, place):
    with pytest.raises(SinkError, match="cannot be recorded to"):
        file.FileSink(tmp_path / place, 30)

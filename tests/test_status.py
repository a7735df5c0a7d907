"""The report is whole or not there, and what was written is what is read."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import replace

import pytest

from appliance import status
from appliance.errors import InputError, MofyError
from appliance.status import Status, TrackStatus

NOW = Status(
    state="running",
    at=1_700_000_000.0,
    pid=7,
    version="0.1.0",
    source="/dev/video0",
    address="rtsp://127.0.0.1:8554/live",
    latency_ms={"step": 9.5},
    tracks=(TrackStatus(3, (1, 2, 30, 40), None), TrackStatus(4, (-5, 2, 30, 40), "p1")),
    faults=("디스크 가득 참",),
)


def test_what_is_written_is_read(tmp_path):
    status.write(NOW, tmp_path)
    assert status.read(tmp_path) == NOW
    assert [path.name for path in tmp_path.iterdir()] == [status.NAME]


def test_a_reader_never_sees_half_a_report(tmp_path):
    status.write(NOW, tmp_path)
    ending = threading.Event()

    def write():
        while not ending.is_set():
            status.write(replace(NOW, faults=("x" * 5000,)), tmp_path)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(300):
            status.read(tmp_path)
    finally:
        ending.set()
        writer.join()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", "null", '{"tracks": 3}', json.dumps({"tracks": [], "faults": []})]
)
def test_what_is_no_report_is_one_line(tmp_path, text):
    (tmp_path / status.NAME).write_text(text)
    with pytest.raises(InputError, match="is not a report"):
        status.read(tmp_path)


def test_no_report_says_how_to_get_one(tmp_path):
    with pytest.raises(InputError, match="mofy run"):
        status.read(tmp_path)


def test_an_old_report_is_stale():
    assert not status.is_stale(NOW, NOW.at + 1)
    assert status.is_stale(NOW, NOW.at + 10)


def test_the_runtime_folder_is_systemds_then_the_sessions_then_the_datas(tmp_path, monkeypatch):
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "a") + ":" + str(tmp_path / "b"))
    assert status.runtime_folder(tmp_path) == tmp_path / "a"
    monkeypatch.delenv("RUNTIME_DIRECTORY")
    if os.access("/run/mofy", os.W_OK):
        pytest.skip("this machine runs MOFY's services")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert status.runtime_folder(tmp_path / "data") == tmp_path / "mofy"
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "gone"))
    assert status.runtime_folder(tmp_path / "data") == tmp_path / "data" / "run"
    assert (tmp_path / "data" / "run").stat().st_mode & 0o777 == 0o700


def test_a_runtime_folder_that_cannot_be_made_is_one_line(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "file" / "below"))
    with pytest.raises(MofyError, match="cannot be kept here"):
        status.runtime_folder(tmp_path)

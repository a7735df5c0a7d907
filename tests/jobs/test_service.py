"""Real workers on real files: one after the other, resumed when cut off, shared over a real Redis, never half."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import psutil
import pytest

from appliance.files import pictures
from appliance.jobs import records, service
from appliance.jobs.place import BEFORE
from appliance.jobs.queue import Queue
from appliance.jobs.shelf import Shelf
from appliance.jobs.work import Site, locked
from tests.jobs.conftest import CHECKOUT, DRAWING, options, sent
from tests.mofy_process import clip
from tests.ports import free_port
from tests.waiting import PATIENCE_S, awaited


class Worker:
    """`mofy jobs` in a process of its own, until the block ends."""

    def __init__(self, data: Path, **jobs: object) -> None:
        data.mkdir(parents=True, exist_ok=True)
        settings = {"keep_free_mb": 10, **jobs}
        file = data / "mofy.toml"
        file.write_text("[jobs]\n" + "".join(f"{key} = {value!r}\n" for key, value in settings.items()))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "appliance.cli", "jobs", "--data", str(data), "--config", str(file)],
            cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def __enter__(self) -> Worker:
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith("jobs: ")
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGKILL)

    def end(self, number: int) -> str:
        """What it said last."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.communicate(timeout=PATIENCE_S)[0]

    def children(self) -> list[psutil.Process]:
        """The processes that work on a job now."""
        return [child for child in psutil.Process(self.process.pid).children() if _works(child)]


def _works(child: psutil.Process) -> bool:
    """True but for the one that multiprocessing keeps beside."""
    try:
        return "spawn_main" in " ".join(child.cmdline())
    except psutil.Error:
        return False


def ended(shelf: Shelf) -> list[records.Record] | None:
    found = [job.record for job in shelf.jobs()]
    return found if all(record.ended for record in found) else None


def working(shelf: Shelf, job: str) -> bool:
    seen = shelf.job(job)
    return seen.record.state == "working" and seen.done > 0


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """Long enough to be cut off in the middle."""
    return clip(tmp_path_factory.mktemp("film") / "walk.mp4", 40.0)


@pytest.fixture(scope="module")
def redacted(tmp_path_factory) -> tuple[Shelf, dict[str, records.Record]]:
    """What one worker made of a photo, a film and a broken file."""
    data = tmp_path_factory.mktemp("redacted")
    shelf = Shelf(data, options().jobs)
    short = clip(data / "short.mp4", 1.0)
    (data / "cut.mp4").write_bytes(short.read_bytes()[:-2000])
    (data / "bomb.png").write_bytes(bomb())
    (data / "polyglot.jpg").write_bytes(DRAWING.read_bytes() + b"PK\x03\x04<script>alert(1)</script>")
    with Worker(data) as worker:
        names = {name: sent(shelf, path, name=name).id for name, path in (
            ("photo.jpg", DRAWING), ("film.mp4", short), ("cut.mp4", data / "cut.mp4"),
            ("bomb.png", data / "bomb.png"), ("polyglot.jpg", data / "polyglot.jpg"))}  # fmt: skip
        done = {record.id: record for record in awaited(lambda: ended(shelf), 3 * PATIENCE_S)}
        worker.end(signal.SIGTERM)
    return shelf, {name: done[job] for name, job in names.items()}


def test_where_the_key_does_not_open_it_waits_for_it_and_says_so_once(tmp_path, monkeypatch):
    """It cannot be had by trying harder: a service that ends would be started anew every two seconds for ever."""
    monkeypatch.setattr(service, "AGAIN_S", 0.02)
    shelf = Shelf(tmp_path, options().jobs)
    job, key = sent(shelf, DRAWING), shelf.folder / "key"
    kept = key.read_bytes()
    key.write_bytes(b"half")
    said, stop = [], threading.Event()
    serving = threading.Thread(target=service.serve, args=(Site(tmp_path, options()), stop, said.append))
    serving.start()
    try:
        awaited(lambda: len(said) > 1)
        time.sleep(0.3)
        assert serving.is_alive()
        assert said == [
            f"jobs: {shelf.folder}",
            f"{key}: is no key: 32 bytes were expected, it has 4; restore it from a backup",
        ]
        key.write_bytes(kept)
        awaited(lambda: shelf.is_worked_on(time.time()))
        assert [one.record.id for one in shelf.jobs()] == [job.id]
    finally:
        stop.set()
        serving.join(PATIENCE_S)
    assert not serving.is_alive()


def test_photo_and_film_come_out_covered_and_whole(redacted):
    shelf, records_by_name = redacted
    photo, film = records_by_name["photo.jpg"], records_by_name["film.mp4"]
    assert (photo.state, photo.kind, photo.download_name) == ("done", "photo", "photo-masked.jpg")
    assert photo.covered >= 5
    before, after = (pictures.load(path).rgb for path in (DRAWING, shelf.place(photo.id) / "out" / photo.result))
    assert after.shape == before.shape
    assert np.abs(after.astype(int) - before).mean() > 2, "something was covered"
    assert (film.state, film.kind, film.frames) == ("done", "video", 30)
    assert cv2.VideoCapture(str(shelf.place(film.id) / "out" / film.result)).get(cv2.CAP_PROP_FRAME_COUNT) == 30


def test_the_original_goes_when_the_work_is_done_and_two_small_pictures_stay(redacted):
    shelf, records_by_name = redacted
    for record in records_by_name.values():
        assert not shelf.upload(record).exists()
    seen = shelf.job(records_by_name["photo.jpg"].id)
    assert seen.before
    assert seen.after
    picture = cv2.imdecode(np.frombuffer(shelf.before(seen.record.id), np.uint8), cv2.IMREAD_COLOR)
    assert 64 < picture.shape[1] <= 1280
    kept = (shelf.place(seen.record.id) / BEFORE).read_bytes()
    assert not kept.startswith(b"\xff\xd8"), "whoever is in it is bare: not for whoever finds the disk's file"
    for path in shelf.folder.rglob("*"):
        if not path.name.startswith("queue.db"):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_broken_file_fails_in_words_without_this_machines_folders(redacted):
    shelf, records_by_name = redacted
    cut = records_by_name["cut.mp4"]
    assert cut.state == "failed"
    assert cut.error
    assert str(shelf.folder) not in cut.error
    assert not any((shelf.place(cut.id) / "out").iterdir())


def bomb() -> bytes:
    """A PNG of a few bytes that says it has 3600 million pixels."""
    head = struct.pack(">II5B", 60_000, 60_000, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


def test_hostile_files_fail_alone_and_take_nothing_with_them(redacted):
    shelf, records_by_name = redacted
    assert records_by_name["bomb.png"].state == "failed"
    assert "pixel" in records_by_name["bomb.png"].error
    polyglot = records_by_name["polyglot.jpg"]
    assert polyglot.state == "done"
    masked = (shelf.place(polyglot.id) / "out" / polyglot.result).read_bytes()
    assert b"script" not in masked, "only pixels go through"


def test_a_worker_that_was_killed_begins_its_job_again(tmp_path, film):
    shelf = Shelf(tmp_path, options().jobs)
    with Worker(tmp_path) as worker:
        job = sent(shelf, film)
        awaited(lambda: working(shelf, job.id))
        (child,) = worker.children()
        worker.end(signal.SIGKILL)
        assert psutil.wait_procs([child], PATIENCE_S)[1] == [], "nobody works on without the one who looks after it"
    seen = shelf.job(job.id).record
    assert (seen.state, seen.result, seen.tries) == ("working", "", 1)
    with Worker(tmp_path):
        (done,) = awaited(lambda: ended(shelf), 3 * PATIENCE_S)
    assert (done.state, done.frames, done.tries) == ("done", 1200, 2)
    assert [path.name for path in (shelf.place(job.id) / "out").iterdir()] == ["upload.mp4"], "no half file is left"


def test_a_stopped_worker_gives_its_job_back_and_a_deleted_job_ends(tmp_path, film):
    shelf = Shelf(tmp_path, options().jobs)
    with Worker(tmp_path) as worker:
        job = sent(shelf, film)
        awaited(lambda: working(shelf, job.id))
        assert psutil.Process(worker.process.pid).nice() == 19
        assert worker.children()[0].nice() == 19
        worker.end(signal.SIGTERM)
        assert worker.process.returncode == 0
    assert (shelf.job(job.id).record.state, shelf.job(job.id).record.tries) == ("waiting", 0)
    with Worker(tmp_path) as worker:
        awaited(lambda: working(shelf, job.id))
        shelf.delete(job.id)
        awaited(lambda: not worker.children())
        awaited(lambda: not [path for path in shelf.folder.rglob("*") if path.is_dir()])


def test_a_file_that_ends_the_program_every_time_is_given_up(tmp_path):
    shelf = Shelf(tmp_path, options().jobs)
    job = sent(shelf, DRAWING)
    shelf.update(replace(job, state="working", tries=service.MOST_TRIES))
    with Worker(tmp_path):
        (failed,) = awaited(lambda: ended(shelf), 3 * PATIENCE_S)
    assert (failed.state, failed.error) == ("failed", service.CRASHED)
    assert not shelf.upload(failed).exists()


@pytest.mark.parametrize("why", [service.CRASHED, service.STALLED])
def test_a_job_that_was_done_in_the_last_moment_is_not_given_up(tmp_path, monkeypatch, why):
    """It stood in the queue twice and was done at the last try, or between the look at it and its end."""
    shelf, worker = Shelf(tmp_path, options().jobs), service.Service(Site(tmp_path, options()))
    done = replace(sent(shelf, DRAWING), state="done", tries=service.MOST_TRIES, ended_at=time.time())
    shelf.update(done)
    if why == service.CRASHED:
        worker._obey(done.id)
    else:
        worker._give_up(done.id, why)
    assert shelf.job(done.id).record == done
    worker._queue.close()


def test_what_was_sent_goes_though_the_work_was_ended_right_after_its_last_word(tmp_path):
    shelf, worker = Shelf(tmp_path, options().jobs), service.Service(Site(tmp_path, options()))
    done = replace(sent(shelf, DRAWING), state="done", ended_at=time.time())
    shelf.update(done)
    worker._watch(SimpleNamespace(is_alive=lambda: False), done.id)
    assert not shelf.upload(done).exists()
    worker._queue.close()


def test_a_clock_that_is_set_while_it_works_takes_no_job_away(tmp_path, monkeypatch):
    """A box without network is days late; what was made there is not days old when it hears the time."""
    shelf, worker = Shelf(tmp_path, options().jobs), service.Service(Site(tmp_path, options()))
    done = replace(sent(shelf, DRAWING), state="done", ended_at=time.time())
    shelf.update(done)
    late_s, told = 5 * 24 * 3600.0, time.time
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", lambda: told() + late_s)
        worker._look_after(pytest.fail)
        (kept,) = shelf.jobs()
    assert abs(kept.record.ended_at - done.ended_at - late_s) < service.CLOCK_SET_S
    worker._queue.close()


def test_a_job_is_done_by_one_alone(tmp_path):
    shelf = Shelf(tmp_path, options().jobs)
    job = sent(shelf, DRAWING)
    with locked(shelf.place(job.id)) as first, locked(shelf.place(job.id)) as second:
        assert (first, second) == (True, False)


def test_the_queue_holds_plain_words(tmp_path):
    """Nothing in it that a reader would run: whoever can write into a Redis must not get further."""
    shelf = Shelf(tmp_path, options().jobs)
    queue = Queue(shelf, options().jobs)
    queue.put("0123456789abcdef")
    assert queue.waiting() == {"0123456789abcdef"}
    assert queue.huey.storage.enqueued_items()[0].startswith(b'["')
    queue.close()


@contextmanager
def redis() -> Iterator[str]:
    port = free_port()
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
    )
    try:
        awaited(lambda: _answers(port))
        yield f"redis://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def _answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")
def test_two_machines_share_the_work_over_redis(tmp_path):
    """Each with people of its own, the jobs' folder in common."""
    common = str(tmp_path / "common")
    with redis() as address:
        shared = options(redis=address, folder=common).jobs
        shelf = Shelf(tmp_path / "box", shared)
        queue = Queue(shelf, shared)
        with (
            Worker(tmp_path / "one", redis=address, folder=common) as one,
            Worker(tmp_path / "two", redis=address, folder=common) as two,
        ):
            # Both are there: sent before, the first one could have done all of it.
            for _ in range(6):
                queue.put(sent(shelf, DRAWING).id)
            busy: set[int] = set()

            def all_done() -> bool:
                for worker in (one, two):
                    if worker.children():
                        busy.add(worker.process.pid)
                return ended(shelf) is not None

            awaited(all_done, 3 * PATIENCE_S)
        assert {record.state for record in ended(shelf)} == {"done"}
        assert {record.tries for record in ended(shelf)} == {1}, "nothing was done twice"
        assert busy == {one.process.pid, two.process.pid}
        assert not (Path(common) / "queue.db").exists()


def test_a_redis_that_is_gone_is_told_and_waited_for(tmp_path):
    address = "redis://:secret@127.0.0.1:1"
    with Worker(tmp_path, redis=address) as worker:
        first = worker.process.stdout.readline()
        time.sleep(1.0)
        said = first + worker.end(signal.SIGTERM)
    assert said.count("\n") == 1
    assert "cannot be reached" in said
    assert "secret" not in said


def test_the_command_refuses_what_is_no_redis(tmp_path):
    (tmp_path / "mofy.toml").write_text('[jobs]\nredis = "http://nowhere"\n')
    run = subprocess.run([sys.executable, "-m", "appliance.cli", "jobs", "--data", str(tmp_path), "--config",
                          str(tmp_path / "mofy.toml")], cwd=CHECKOUT, capture_output=True, text=True, check=False,
                         env={**os.environ})  # fmt: skip
    assert run.returncode == 1
    assert run.stderr.startswith("mofy: ")
    assert "jobs.redis" in run.stderr

"""Slow work never holds up the camera; a failing one ends alone."""

from __future__ import annotations

import threading
import time

from appliance.sinks._worker import Worker
from tests.contracts.test_sinks import masked
from tests.waiting import slowness


def test_frames_are_consumed_in_order_and_what_waits_is_finished():
    done = []
    worker = Worker("test", lambda frame: done.append(frame.captured_at), 10)
    for index in range(5):
        worker.put(masked(32, 32, captured_at=float(index)))
    assert worker.finish(2.0)
    assert done == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert worker.lost == 0


def test_a_worker_that_hangs_loses_the_oldest_and_holds_up_nobody():
    release, done = threading.Event(), []

    def consume(frame):
        release.wait(5)
        done.append(frame.captured_at)

    worker = Worker("test", consume, 2)
    worker.put(masked(32, 32, captured_at=0.0))
    time.sleep(0.1)
    began = time.monotonic()
    for index in range(1, 6):
        worker.put(masked(32, 32, captured_at=float(index)))
    assert not worker.finish(0.05)
    assert time.monotonic() - began < slowness()
    release.set()
    assert worker.finish(2.0)
    assert done == [0.0, 4.0, 5.0]
    assert worker.lost == 3


def test_a_worker_that_fails_says_why_and_takes_no_more():
    def consume(frame):
        raise OSError(28, "No space left on device")

    worker = Worker("test", consume, 2)
    worker.put(masked(32, 32))
    assert worker.finish(2.0)
    assert "no space left" in worker.fault
    worker.put(masked(32, 32))

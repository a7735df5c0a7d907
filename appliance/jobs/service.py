"""The process that redacts what phones send: one job after the other, what was cut off again, deleted in time."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from appliance.errors import InputError, MofyError, StoreError
from appliance.jobs import expiry, records, work
from appliance.jobs.place import PROGRESS
from appliance.jobs.queue import Queue
from appliance.jobs.shelf import Shelf
from appliance.supervision import notify

MOST_TRIES = 3
"""A file whose redaction ended the process so often is given up: it would do it for ever."""

STALLED_S = 300.0
"""So long without a picture, and a decoder hangs."""

LOOK_EVERY_S = 0.2
RESUME_EVERY_S = 5.0
SWEEP_EVERY_S = 60.0
ENDING_S = 2.0
CLOCK_SET_S = 60.0
"""Clocks are set by seconds all the time; by more, and jobs would seem older or newer than they are."""

AGAIN_S = 10.0
"""Where jobs cannot be kept: how long until that is tried again."""

CRASHED = "its redaction ended the program several times; it is given up"
STALLED = "its redaction did not come to an end; it is given up"


def serve(site: work.Site, stop: threading.Event, tell: Callable[[str], None] = lambda _: None) -> None:
    """Work until stopped; where jobs cannot be kept, for want of their key or of room, wait until they can be.

    tell is called with a line whenever there is something to say. Raises ConfigError.
    """
    shelf, fault = Shelf(site.data, site.config.jobs), ""
    tell(f"jobs: {shelf.folder}")
    notify("READY=1")
    while not stop.is_set():
        try:
            service = Service(site)
        except StoreError as error:
            if str(error) != fault:
                fault = str(error)
                tell(fault)
                notify(f"STATUS={fault}")
            expiry.sweep(shelf, time.time())
            stop.wait(AGAIN_S)
        else:
            notify("STATUS=")
            service.run(stop, tell)


class Service:
    """Works until stopped; see `run`."""

    def __init__(self, site: work.Site) -> None:
        """Raises StoreError when there is no place for the queue, ConfigError for an address that is none."""
        self._site = site
        self._shelf = Shelf(site.data, site.config.jobs)
        self._queue = Queue(self._shelf, site.config.jobs, self._obey)
        self._stop = threading.Event()
        self._resume_at = self._sweep_at = float("-inf")
        self._booted_at = _booted_at()
        self._fault = ""

    def run(self, stop: threading.Event, tell: Callable[[str], None]) -> None:
        """Work until stopped."""
        self._stop = stop
        consumer = _consumer(self._queue)
        consumer.start()
        try:
            while not stop.wait(LOOK_EVERY_S):
                self._look_after(tell)
        finally:
            notify("STOPPING=1")
            consumer.stop_flag.set()
            for _, thread in consumer.worker_threads:
                thread.join(ENDING_S + 1.0)
            self._queue.close()

    def _look_after(self, tell: Callable[[str], None]) -> None:
        now = time.monotonic()
        try:
            if abs(ahead_s := _booted_at() - self._booted_at) > CLOCK_SET_S:
                expiry.date_anew(self._shelf, ahead_s)
                self._booted_at += ahead_s
            if now - self._sweep_at > SWEEP_EVERY_S:
                self._sweep_at = now
                for job in expiry.sweep(self._shelf, time.time()):
                    tell(f"job {job}: deleted, kept long enough")
            if now - self._resume_at > RESUME_EVERY_S:
                self._resume_at = now
                self._shelf.sign()
                self.resume()
            self._fault = ""
        except MofyError as error:
            if str(error) != self._fault:
                self._fault = str(error)
                tell(str(error))

    def resume(self) -> None:
        """Queue what waits or was cut off and is not queued; raises MofyError."""
        queued = self._queue.waiting()
        for job in reversed(self._shelf.jobs()):
            if (
                job.record.state in ("waiting", "working")
                and job.record.id not in queued
                and self._is_free(job.record.id)
            ):
                self._queue.put(job.record.id)

    def _is_free(self, job: str) -> bool:
        try:
            with work.locked(self._shelf.place(job)) as free:
                return free
        except OSError:
            return False

    def _obey(self, job: str) -> None:
        """What the consumer's thread does with one id: start the work, and end it when it must not go on."""
        try:
            record = self._shelf.job(job).record
        except MofyError:
            return
        if record.ended:  # it stood in the queue twice
            return
        if record.tries >= MOST_TRIES and self._is_free(job):
            self._give_up(job, CRASHED)
            return
        # Spawned, not forked: this process has threads.
        process = multiprocessing.get_context("spawn").Process(target=work.alone, args=(self._site, job))
        process.start()
        self._watch(process, job)
        process.close()

    def _watch(self, process: Any, job: str) -> None:
        """Wait until the work is done, or must end."""
        sign, seen_at = 0.0, time.monotonic()
        while process.is_alive():
            process.join(LOOK_EVERY_S)
            if (newest := self._sign(job)) != sign:
                sign, seen_at = newest, time.monotonic()
            if self._stop.is_set():
                _end(process)
                self._put_back(job)
            elif not self._is_there(job):
                _end(process)
            elif time.monotonic() - seen_at > STALLED_S:
                _end(process)
                self._give_up(job, STALLED)
        if not self._is_there(job):
            # Deleted while the work wrote into its folder, which may have kept a part of it, or made it anew.
            self._shelf.delete(job)
        with suppress(InputError, OSError):
            # The work may have been ended after its last word and before this.
            self._shelf.forget_original(self._shelf.job(job).record)

    def _is_there(self, job: str) -> bool:
        return (self._shelf.place(job) / records.NAME).exists()

    def _sign(self, job: str) -> float:
        """When the work last told how far it is."""
        try:
            return (self._shelf.place(job) / PROGRESS).stat().st_mtime
        except OSError:
            return 0.0

    def _put_back(self, job: str) -> None:
        """To be stopped is no failed try."""
        try:
            record = self._shelf.job(job).record
            if record.state == "working" and self._is_free(job):
                self._shelf.update(replace(record, state="waiting", tries=max(record.tries - 1, 0)))
        except (InputError, OSError):
            pass

    def _give_up(self, job: str, why: str) -> None:
        try:
            record = self._shelf.job(job).record
            if record.ended:  # in the last moment
                return
            # First: once it is said to have ended, what was sent must be gone.
            self._shelf.upload(record).unlink(missing_ok=True)
            self._shelf.update(replace(record, state="failed", error=why, ended_at=time.time()))
        except (InputError, OSError):
            pass


def _booted_at() -> float:
    """Epoch second of the start by the clock as it is set now; sleep is no setting of the clock."""
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)


def _end(process: Any) -> None:
    process.terminate()
    process.join(ENDING_S)
    if process.is_alive():
        process.kill()
        process.join()


def _consumer(queue: Queue) -> Any:
    """huey's consumer with one worker thread, which leaves signals to whoever runs the process."""
    from huey.consumer import Consumer

    class Quiet(Consumer):  # type: ignore[misc]
        def _set_signal_handlers(self) -> None:
            pass

    return Quiet(queue.huey, workers=1, periodic=False, initial_delay=0.1, max_delay=0.5)

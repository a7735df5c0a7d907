"""A recording of masked picture and sound in pieces named by time: what was written plays, whatever happens then."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from appliance.core.sound import SoundFormat, SoundPacket
from appliance.core.veiling import MaskedFrame
from appliance.errors import SinkError
from appliance.options import Record
from appliance.sinks import SinkOptions
from appliance.sinks._film import Film, things_waiting
from appliance.sinks._worker import Worker

WAITING = 30
"""Frames that may wait for a slow disk before one is lost."""

LOOK_EVERY_S = 1.0
"""How often the room on the disk is looked at: in that time a picture fills a few megabytes at most."""

RESUME_MB = 100
"""So much more room than must be kept free, and a recording that stopped for want of it goes on."""

RETRY_S = 10.0
"""How long to wait before writing is tried again where it failed."""

SYNC_EVERY_S = 2.0
"""What is older than this is on the disk itself, not only on its way there."""

CLOSING_S = 1.2
MB = 1_000_000


class SegmentsSink:
    """Off until switched on. Encodes and writes in a thread of its own, and makes it last in another."""

    def __init__(
        self,
        options: Record,
        fps: int,
        free_bytes: Callable[[Path], int] | None = None,
        sound: SoundFormat | None = None,
    ) -> None:
        """free_bytes: how much room a folder's disk has; for tests."""
        self.fault: str | None = None
        """Why nothing is written although it should be; see Sink."""
        self._folder = _made(Path(options.folder))
        self._fps = fps
        self._sound = sound
        self._piece_s = options.minutes * 60
        self._keep_free = options.keep_free_mb * MB
        self._free_bytes = free_bytes or (lambda folder: shutil.disk_usage(folder).free)
        self._on = False
        self._film: Film | None = None
        self._path: Path | None = None
        self._began_at = self._looked_at = self._retry_at = float("-inf")
        self._worker = Worker("record", self._take, things_waiting(WAITING, fps, sound))
        self._closing = threading.Event()
        self._lasting = threading.Thread(target=self._make_last, name="record-sync", daemon=True)
        self._lasting.start()

    @property
    def recording(self) -> bool:
        """True while a piece is being written."""
        return self._film is not None

    def switch(self, on: bool) -> None:
        """Record from the next frame on, or no more; a piece that was begun is finished."""
        self._on = on
        if not on:
            self.fault = None

    def write(self, frame: MaskedFrame) -> None:
        """Leave the frame to the recorder; see Sink."""
        self._worker.put(frame)

    def hear(self, packet: SoundPacket) -> None:
        """Leave the sound to the recorder; see Listener."""
        self._worker.put(packet)

    def close(self) -> None:
        """Finish the piece; what a hanging disk does not take within a moment is lost."""
        self._closing.set()
        if self._worker.finish(CLOSING_S):
            self._end()

    def _take(self, thing: MaskedFrame | SoundPacket) -> None:
        now = time.monotonic()
        if not self._on:
            self._end()
            return
        if now < self._retry_at:
            return
        try:
            if isinstance(thing, SoundPacket):
                self._hear(thing)
            else:
                self._record(thing, now)
        except Exception as error:  # a disk that is full, gone or broken: the picture goes on, and it is tried again
            self._retry_at = now + RETRY_S
            self._stop(f"the recording stopped ({_told(error)})")

    def _record(self, frame: MaskedFrame, now: float) -> None:
        if now - self._looked_at >= LOOK_EVERY_S:
            self._looked_at = now
            self._look(self._free_bytes(self._folder))
        if self._film is not None and now - self._began_at >= self._piece_s:
            self._end()
        if self._film is None:
            if self.fault is not None and self._free_bytes(self._folder) < self._keep_free + RESUME_MB * MB:
                self._retry_at = now + LOOK_EVERY_S
                return
            self._begin(now)
        assert self._film is not None
        self._film.add(frame)

    def _hear(self, packet: SoundPacket) -> None:
        # Pieces begin with a picture.
        if self._film is not None:
            self._film.add(packet)

    def _look(self, free: int) -> None:
        if free < self._keep_free:
            room = f"{free // MB} MB are free and {self._keep_free // MB} MB are kept"
            self._stop(f"the recording stopped before the disk is full: {room}; make room, and it goes on")

    def _begin(self, now: float) -> None:
        path = _new(self._folder, datetime.now())
        self._film, self._path, self._began_at = Film(path, self._fps, self._sound), path, now
        self.fault = None

    def _stop(self, fault: str) -> None:
        self._end()
        self.fault = f"{self._folder}: {fault}"

    def _end(self) -> None:
        film, self._film, self._path = self._film, None, None
        if film is not None:
            # Where the disk is full or gone its end cannot be written; what was written before plays.
            with suppress(Exception):
                film.close()

    def _make_last(self) -> None:
        while not self._closing.wait(SYNC_EVERY_S):
            path = self._path
            if path is not None:
                with suppress(OSError):
                    _sync(path)
                    _sync(path.parent)


def build(options: SinkOptions) -> SegmentsSink:
    """A recorder, still off; raises SinkError when its folder cannot be written."""
    return SegmentsSink(options.recording, options.fps, sound=options.sound)


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise SinkError(f"{folder}: cannot be recorded to ({_told(error)})") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SinkError(f"{folder}: cannot be recorded to (permission denied)")
    return folder


def _new(folder: Path, at: datetime) -> Path:
    """An empty file named by this time; never one that was there, whatever the clock says."""
    name = at.strftime("%Y-%m-%d_%H-%M-%S")
    for number in range(1, 1000):
        path = folder / (f"{name}.mp4" if number == 1 else f"{name}_{number}.mp4")
        with suppress(FileExistsError):
            path.open("xb").close()
            return path
    raise SinkError(f"{folder}: there are too many recordings of {name}")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _told(error: Exception) -> str:
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return (words or type(error).__name__).lower()

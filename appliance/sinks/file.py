"""A recording of the masked picture and its sound in one file, for a run that ends."""

from __future__ import annotations

from pathlib import Path

from appliance.core.sound import SoundFormat, SoundPacket
from appliance.core.veiling import MaskedFrame
from appliance.sinks import SinkOptions
from appliance.sinks._film import Film, things_waiting
from appliance.sinks._worker import Worker

WAITING = 30
"""Frames that may wait for a slow disk before one is lost."""

CLOSING_S = 1.2


class FileSink:
    """Encodes and writes in a thread of its own; a full disk ends the recording, not the picture."""

    def __init__(self, path: Path, fps: int, sound: SoundFormat | None = None) -> None:
        self._film = Film(path, fps, sound)
        self._path = path
        self._worker = Worker("record", self._film.add, things_waiting(WAITING, fps, sound))

    @property
    def fault(self) -> str | None:
        """Why the recording ended early; None while it goes on."""
        return f"{self._path}: the recording stopped ({self._worker.fault})" if self._worker.fault else None

    def write(self, frame: MaskedFrame) -> None:
        """Leave the frame to the recorder; see Sink."""
        self._worker.put(frame)

    def hear(self, packet: SoundPacket) -> None:
        """Leave the sound to the recorder; see Listener."""
        self._worker.put(packet)

    def close(self) -> None:
        """Finish the file; what a hanging disk does not take within a moment is lost."""
        if self._worker.finish(CLOSING_S):
            self._film.close()


def build(options: SinkOptions) -> FileSink:
    """Begin the file; raises SinkError when it cannot be written."""
    return FileSink(options.record, options.fps, options.sound)

"""One film of the masked picture and its sound: fragmented MP4, so that a cut of power leaves one that plays."""

from __future__ import annotations

from datetime import datetime, timezone
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from appliance.core.frames import Plane
from appliance.core.sound import RATE_HZ, SoundFormat, SoundPacket
from appliance.core.veiling import MaskedFrame
from appliance.errors import SinkError

FRAGMENT_S = 1
"""A cut of power loses no more than this."""

TIME_BASE = Fraction(1, 90_000)
SOUND_BASE = Fraction(1, RATE_HZ)
SOUND_ENCODERS = {"aac": "aac", "opus": "libopus"}
QUALITY = "23"

PACKETS_A_SECOND = 50
"""Of sound."""


def things_waiting(frames: int, fps: int, sound: SoundFormat | None) -> int:
    """How many things, frames and packets of sound, come while so many frames do."""
    return frames if sound is None else frames + round(frames / fps * PACKETS_A_SECOND)


class Film:
    """The file: pictures of one size and sound, each at its time."""

    def __init__(self, path: Path, fps: int, sound: SoundFormat | None = None) -> None:
        """sound: None for a silent film."""
        import av

        self._av = av
        self._fps = fps
        self._path = path
        self._sound = sound
        self._stream: Any = None
        self._track: Any = None
        self._began_at = 0.0
        try:
            # PyAV opens it only with the first picture, too late to be told.
            path.open("wb").close()
        except OSError as error:
            raise SinkError(f"{path}: cannot be recorded to ({error.strerror or error})") from None
        self._output: Any = av.open(
            f"file:{path}",
            "w",
            format="mp4",
            container_options={"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"},
        )
        self._output.metadata["creation_time"] = datetime.now(timezone.utc).isoformat()

    def add(self, thing: MaskedFrame | SoundPacket) -> None:
        """Take a picture or a piece of sound; its place in the film is its time since the first picture."""
        if isinstance(thing, SoundPacket):
            self._hear(thing)
        else:
            self._see(thing)

    def _see(self, frame: MaskedFrame) -> None:
        at = frame.captured_at
        if self._stream is None:
            self._begin(frame, at)
        picture = self._av.VideoFrame(self._stream.width, self._stream.height, "yuv420p")
        planes = _fitted(frame, self._stream.width, self._stream.height)
        for target, plane in zip(picture.planes, planes):
            np.ndarray(plane.shape, np.uint8, memoryview(target), 0, (target.line_size, 1))[:] = plane
        picture.pts = round((at - self._began_at) / TIME_BASE)
        picture.time_base = TIME_BASE
        self._output.mux(self._stream.encode(picture))

    def _hear(self, packet: SoundPacket) -> None:
        if self._track is None or packet.at < self._began_at:
            return
        written = self._av.Packet(packet.data)
        written.stream, written.time_base = self._track, SOUND_BASE
        written.pts = written.dts = round((packet.at - self._began_at) * RATE_HZ)
        written.duration = round(packet.seconds * RATE_HZ)
        written.is_keyframe = True
        self._output.mux(written)

    def close(self) -> None:
        """Write what is still in the encoder, and the file's end."""
        if self._output is None:
            return
        output, self._output = self._output, None
        try:
            if self._stream is not None:
                output.mux(self._stream.encode(None))
            output.close()
        except OSError:  # the disk is full or gone: what was written before plays
            return

    def _begin(self, frame: MaskedFrame, at: float) -> None:
        self._began_at = at
        self._stream = self._output.add_stream("libx264", rate=self._fps)
        self._stream.width, self._stream.height = frame.width // 2 * 2, frame.height // 2 * 2
        self._stream.pix_fmt = "yuv420p"
        self._stream.time_base = TIME_BASE
        self._stream.codec_context.time_base = TIME_BASE
        self._stream.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "crf": QUALITY,
            "g": str(max(round(FRAGMENT_S * self._fps), 1)),
        }
        if self._sound is not None:
            # Opened to tell the file what the packets are, which come from elsewhere.
            self._track = self._output.add_stream(SOUND_ENCODERS[self._sound.codec], rate=RATE_HZ, layout="stereo")


def _fitted(frame: MaskedFrame, width: int, height: int) -> tuple[Plane, ...]:
    """Planes at the film's size: a film cannot change it, a camera can."""
    halved = (width // 2, height // 2)
    sizes = ((width, height), halved, halved)
    return tuple(_sized(plane, size) for plane, size in zip((frame.y, frame.u, frame.v), sizes))


def _sized(plane: Plane, size: tuple[int, int]) -> Plane:
    odd_at_most = plane.shape[1] - size[0] in (0, 1) and plane.shape[0] - size[1] in (0, 1)
    if odd_at_most:
        return plane[: size[1], : size[0]]
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.uint8)

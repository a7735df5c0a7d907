"""Eyes and ears at the end of a stream or a film: when it flashed, when it beeped, when anything was heard at all."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.waiting import PATIENCE_S

LOUD = 0.1
"""Share of full scale that no codec makes of silence."""

APART_S = 0.3
"""What is loud again within less is the same beep."""

BRIGHT = 128


@dataclass
class Perceived:
    """Seconds on the stream's own clock."""

    flashes: list[float] = field(default_factory=list)
    beeps: list[float] = field(default_factory=list)
    loud_at: list[float] = field(default_factory=list)
    """time.monotonic() of every piece in which anything was heard."""
    pitches: list[float] = field(default_factory=list)
    """Hz of the loudest tone of every piece that was heard."""
    codecs: tuple[str, ...] = ()
    pieces: int = 0

    def errors_ms(self) -> list[float]:
        """How much later than each flash its beep came; flashes and beeps of the ends may lack the other."""
        pairs = [(flash, min(self.beeps, key=lambda beep: abs(beep - flash))) for flash in self.flashes if self.beeps]
        return [1000 * (beep - flash) for flash, beep in pairs if abs(beep - flash) < 0.5]


class Listener:
    """Watches and listens in a thread until told to stop, or the stream ends."""

    def __init__(self, address: str, transport: str = "tcp") -> None:
        self.perceived = Perceived()
        self.ended = threading.Event()
        self._stop = threading.Event()
        self._bright: bool | None = None
        self._beeped_at = float("-inf")
        self._thread = threading.Thread(target=self._listen, args=(address, transport), daemon=True)
        self._thread.start()

    def wait_for(self, what: Any, timeout_s: float = PATIENCE_S) -> Perceived:
        """What was perceived, once what(Perceived) is true."""
        end_at = time.monotonic() + timeout_s
        while not what(self.perceived):
            assert time.monotonic() < end_at, self.perceived
            time.sleep(0.05)
        return self.perceived

    def stop(self) -> Perceived:
        """All that was perceived."""
        self._stop.set()
        self.ended.wait(10)
        return self.perceived

    def _listen(self, address: str, transport: str) -> None:
        import av

        options = {"rtsp_transport": transport} if address.startswith("rtsp") else {}
        try:
            with av.open(address, options=options, timeout=10.0) as stream:
                self.perceived.codecs = tuple(one.codec_context.name for one in stream.streams)
                for packet in stream.demux():
                    self._take(packet, av)
                    if self._stop.is_set():
                        break
        except (av.FFmpegError, OSError):
            pass
        finally:
            self.ended.set()

    def _take(self, packet: Any, av: Any) -> None:
        try:
            frames = packet.decode()
        except av.FFmpegError:  # the first piece of a stream may lack what comes before it
            return
        for frame in frames:
            if isinstance(frame, av.VideoFrame):
                self._see(frame)
            elif frame.time is not None:
                self._hear(frame)

    def _see(self, frame: Any) -> None:
        bright = bool(np.median(np.frombuffer(frame.planes[0], np.uint8)) > BRIGHT)
        if bright and self._bright is False:
            self.perceived.flashes.append(frame.time)
        self._bright = bright

    def _hear(self, frame: Any) -> None:
        samples = frame.to_ndarray().astype(np.float32)
        scale = 32768 if frame.format.name.startswith("s16") else 1.0
        left = samples[0] / scale if frame.format.is_planar else samples.reshape(-1)[::2] / scale
        self.perceived.pieces += 1
        loud = np.flatnonzero(np.abs(left) > LOUD)
        if not loud.size:
            return
        self.perceived.loud_at.append(time.monotonic())
        spectrum = np.abs(np.fft.rfft(left * np.hanning(len(left)), 8192))
        self.perceived.pitches.append(float(np.argmax(spectrum) * frame.sample_rate / 8192))
        first, last = (frame.time + float(index) / frame.sample_rate for index in (loud[0], loud[-1]))
        if first - self._beeped_at > APART_S:
            self.perceived.beeps.append(first)
        self._beeped_at = last


def film(path: Any) -> Perceived:
    """All that a film holds."""
    listener = Listener(str(path))
    assert listener.ended.wait(60)
    return listener.perceived

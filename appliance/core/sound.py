"""Sound that travels: samples with the time they were heard, and the place where they wait for their picture."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000
CHANNELS = 2
Samples = NDArray[np.int16]
"""(n, 2) int16 at 48 kHz."""

SAME_S = 0.01
"""A piece that begins this near to the end of the one before it follows it: time stamps tremble, sound does not."""

FADE = 120
"""Samples (2.5 ms) over which sound begins after a gap: an edge would be a click."""


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A piece of sound as a microphone gave it."""

    samples: Samples
    captured_at: float
    """Seconds of time.monotonic() at which its first sample was heard."""
    disguise: str = "off"
    """How voices in it were changed."""


@dataclass(frozen=True, slots=True)
class SoundFormat:
    """How sound is encoded: 48 kHz, stereo."""

    codec: str
    """aac or opus."""
    head: bytes = field(repr=False)
    """What a decoder must know before the first packet."""


@dataclass(frozen=True, slots=True)
class SoundPacket:
    """A piece of encoded sound that may leave."""

    data: bytes = field(repr=False)
    at: float
    """Seconds of time.monotonic() at which it is to be heard, on the clock of the pictures it belongs to."""
    seconds: float


def silence(count: int) -> Samples:
    """So many samples of nothing."""
    return np.zeros((count, CHANNELS), np.int16)


def blended(before: Samples, after: Samples) -> Samples:
    """From the one to the other, evenly over their whole (equal) length."""
    rising = np.linspace(0.0, 1.0, len(after), dtype=np.float32)[:, None]
    return np.asarray(before * (1.0 - rising) + after * rising, np.int16)


class Waiting:
    """The last seconds that were heard, to be asked for by the time at which they were. One thread; memory is fixed."""

    def __init__(self, seconds: float) -> None:
        self._ring = silence(round(seconds * RATE_HZ))
        self._begin = self._end = 0  # counted in samples since the clock's zero

    def put(self, heard: Heard) -> None:
        """Add a piece; what overlaps with what is here already is left out."""
        start = round(heard.captured_at * RATE_HZ)
        samples = heard.samples
        if abs(start - self._end) <= SAME_S * RATE_HZ:
            start = self._end
        elif start < self._end:
            samples, start = samples[self._end - start :], self._end
        else:
            samples = _faded_in(samples)
            self._skip_to(start)
        samples = samples[-len(self._ring) :]
        for part, place in self._places(self._end, len(samples)):
            self._ring[place] = samples[part]
        self._end += len(samples)

    def take(self, captured_at: float, count: int) -> Samples:
        """So many samples from that moment on, silence where nothing was heard; they stay here."""
        start = round(captured_at * RATE_HZ)
        taken = silence(count)
        first = max(start, self._begin, self._end - len(self._ring))
        last = min(start + count, self._end)
        for part, place in self._places(first, max(last - first, 0)):
            taken[part.start + first - start : part.stop + first - start] = self._ring[place]
        return taken

    def clear(self) -> None:
        """Forget all."""
        self._ring[:] = 0
        self._begin = self._end = 0

    def _skip_to(self, start: int) -> None:
        gap = start - self._end
        if gap >= len(self._ring):
            self.clear()
            self._begin = self._end = start
            return
        for _, place in self._places(self._end, gap):
            self._ring[place] = 0
        self._end = start

    def _places(self, start: int, count: int) -> list[tuple[slice, slice]]:
        """(part of the samples, part of the ring) for so many samples from there on: one or two of them."""
        size = len(self._ring)
        inside = start % size
        whole = min(count, size - inside)
        places = [(slice(0, whole), slice(inside, inside + whole)), (slice(whole, count), slice(0, count - whole))]
        return [one for one in places if one[0].stop > one[0].start]


def _faded_in(samples: Samples) -> Samples:
    faded = samples.astype(np.float32)
    count = min(FADE, len(faded))
    faded[:count] *= np.linspace(0.0, 1.0, count, dtype=np.float32)[:, None]
    return faded.astype(np.int16)

"""Samples in, AAC or Opus out: encoded once for everybody who listens and everything that records."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from appliance.core.sound import RATE_HZ, Samples, SoundFormat, SoundPacket
from appliance.options import Sound

CODECS = {"aac": ("aac", "fltp"), "opus": ("libopus", "s16")}
"""Encoder and its sample format, by codec."""

TIME_BASE = Fraction(1, RATE_HZ)


class SoundEncoder:
    """See Encoder. Its own delay is in the packets' times: what was put in at a moment is heard at that moment."""

    def __init__(self, options: Sound) -> None:
        import av

        self._av = av
        name, layout = CODECS[options.codec]
        context: Any = av.CodecContext.create(name, "w")
        context.sample_rate, context.layout = RATE_HZ, "stereo"
        context.format, context.time_base = layout, TIME_BASE
        context.bit_rate = options.bitrate_kbps * 1000
        context.open()
        self._context = context
        self.format = SoundFormat(options.codec, bytes(context.extradata or b""))

    def encode(self, samples: Samples, at: float) -> list[SoundPacket]:
        """Packets that are ready; at: seconds at which the first sample is to be heard."""
        frame = self._av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.time_base, frame.pts = RATE_HZ, TIME_BASE, round(at * RATE_HZ)
        return [
            SoundPacket(bytes(packet), float(packet.pts * TIME_BASE), float(packet.duration * TIME_BASE))
            for packet in self._context.encode(frame)
        ]

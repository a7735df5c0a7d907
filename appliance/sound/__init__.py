"""Microphones and what stands in for them: each file has `build(device, disguise)`, and gives what it hears."""

from __future__ import annotations

from typing import Protocol

from appliance import parts
from appliance.core.sound import Heard, Samples, SoundFormat, SoundPacket
from appliance.options import Disguise, Sound


class Microphone(Protocol):
    """A source of sound, opened and opened again in a thread of its own: none of this waits or raises."""

    @property
    def fault(self) -> str | None:
        """Why nothing is heard, in words; None while something is."""

    def read(self) -> list[Heard]:
        """What was heard since the last call, oldest first."""

    def disguise(self, how: Disguise) -> None:
        """Change voices like this, as soon as can be; each piece says how it was changed."""

    def close(self) -> None:
        """Let go of the device; may be called twice."""


class Encoder(Protocol):
    """Samples in, packets out: encoded once for everybody who listens and everything that records."""

    format: SoundFormat

    def encode(self, samples: Samples, at: float) -> list[SoundPacket]:
        """Packets that are ready; at: seconds at which the first sample is to be heard. Takes no gap."""


def encoder(options: Sound) -> Encoder:
    """A new encoder of the configured codec."""
    from appliance.sound._encoder import SoundEncoder

    return SoundEncoder(options)


def build(source: str, disguise: Disguise) -> Microphone:
    """Begin to listen to what [sound] source names (alsa:hw:1, pulse, test); raises InputError for no known kind.

    A device that is not there is no error: it is tried again and again, and `fault` says so.
    """
    kind, _, device = source.partition(":")
    opened: Microphone = parts.part("sound", kind).build(device, disguise)
    return opened

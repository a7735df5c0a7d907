"""Ways out of the box: each file has `build(options) -> Sink`. They take masked frames and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from appliance.core.slate import LocalNotice
from appliance.core.sound import SoundFormat, SoundPacket
from appliance.core.veiling import MaskedFrame
from appliance.options import Hdmi, Record, Rtsp


@dataclass(frozen=True, slots=True)
class Login:
    """Who may watch."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SinkOptions:
    """What sinks may be told; each takes what concerns it."""

    rtsp: Rtsp
    fps: int
    """Frames a second to expect; more or fewer may come."""
    record: Path
    """The file to record to."""
    runtime: Path
    """The folder of what is true only while the engine runs."""
    recording: Record
    hdmi: Hdmi
    root: Path = Path("/")
    """Where the kernel's own files are found; for tests."""
    login: Login | None = None
    """None lets anybody watch."""
    certificate: Path | None = None
    """PEM file of the certificate and key to encrypt streams with; None leaves them open."""
    sound: SoundFormat | None = None
    """None where there is no sound."""
    push_url: str = field(default="", repr=False)
    """Where to send the stream on to, secrets included; empty: nowhere."""


class Sink(Protocol):
    """One way out. Frames are shared between sinks: they are read, never written.

    `captured_at` of a frame is when it is to be seen, in seconds of time.monotonic(): later than the one before it.
    """

    @property
    def fault(self) -> str | None:
        """What stopped this output, in words, while the others go on; None as long as it works."""

    def write(self, frame: MaskedFrame) -> None:
        """Take a frame and return at once, whoever reads slowly; raises SinkError when nothing more can be served."""

    def close(self) -> None:
        """Finish what was begun; may be called twice."""


@runtime_checkable
class Listener(Protocol):
    """A sink that takes sound too."""

    def hear(self, packet: SoundPacket) -> None:
        """Take a packet and return at once. They come without a gap, on the pictures' clock; see Sink.write."""


class Display(Sink, Protocol):
    """A sink that only those who stand before the box can see; it alone is told what they alone may know."""

    @property
    def display(self) -> str:
        """What is being shown on, for people; empty where nothing is."""

    def tell(self, notice: LocalNotice) -> None:
        """Show this in place of pictures until the next one; returns at once."""

    def sign(self, lines: tuple[str, ...]) -> None:
        """Draw these lines into every picture from now on; none draws nothing."""

"""The sound's way: it waits as long as its picture does, leaves with it, and is silent wherever there is none."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from appliance import sound
from appliance.core.sound import RATE_HZ, Samples, SoundPacket, Waiting, blended, silence
from appliance.live.outlet import Outlet, Showing
from appliance.live.wishes import Wishes
from appliance.options import Config
from appliance.sound import Encoder, Microphone

BLOCK = 960
BLOCK_S = BLOCK / RATE_HZ
"""Sound leaves in pieces of 20 ms."""

LONGEST_S = 30.0
"""So much sound can wait: the longest window at four frames a second."""

BEYOND_S = 0.25
"""So far beyond the last picture that was shown sound may go on; then it stops as the picture did."""

SAME_S = 0.01
"""A picture's delay that differs by less is the same one; nobody hears it, but would hear sound being cut to it."""

BEHIND_S = 1.0
"""What cannot be given out in time by more than this is left out: the process was stopped."""

AHEAD_S = 0.04
"""Sound leaves so long before its time, where it was heard long before: encoders hold some back."""

ON_THE_WAY_S = 0.15
"""What a microphone may take to deliver; one whose voices are disguised takes a tenth of a second."""

TICK_S = 0.01
CLOSING_S = 1.0


@dataclass(frozen=True, slots=True)
class Cue:
    """Which sound belongs to a moment of the output."""

    shift: float
    """Seconds from hearing to giving out."""
    audible: bool


class Hearing:
    """A thread between microphone and outlet. It gives out sound without a gap, silence too: clients wait for it."""

    def __init__(
        self,
        config: Config,
        microphone: Microphone,
        encoder: Callable[[], Encoder],
        outlet: Outlet,
        wishes: Callable[[], Wishes],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """encoder: makes one; wishes: what is wished now."""
        self._config = config
        self._microphone = microphone
        self._make_encoder = encoder
        self._encoder = encoder()
        self._outlet = outlet
        self._wishes = wishes
        self._clock = clock
        self._waiting = Waiting(LONGEST_S)
        self._disguise = config.sound.disguise
        self._cue = Cue(0.0, False)
        self._next_at = clock()
        self._given_at = float("-inf")
        self._broken: str | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sound", daemon=True)

    @property
    def fault(self) -> str | None:
        """Why nothing is heard although it should be, in words."""
        return self._broken or self._microphone.fault

    @property
    def state(self) -> str:
        """on, muted, silent (there is no picture), or lost (the microphone is)."""
        if self.fault:
            return "lost"
        if self._muted():
            return "muted"
        return "silent" if self._outlet.showing is None else "on"

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End; may be called twice, and without a beginning."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(CLOSING_S)
        self._microphone.close()

    def _run(self) -> None:
        while not self._closing.wait(TICK_S):
            try:
                if self._broken is not None:
                    self._encoder = self._make_encoder()
                self.turn()
                self._broken = None
            except Exception as error:  # whatever a codec may throw: the picture goes on, and so do those who listen
                self._broken = f"sound: {error or type(error).__name__}"

    def turn(self) -> None:
        """Take in what was heard, give out what is due."""
        self._listen()
        now = self._clock()
        if now - self._next_at > BEHIND_S:
            # An encoder takes no gap: what follows one is another beginning.
            self._next_at, self._encoder = now, self._make_encoder()
        while self._next_at + BLOCK_S + self._lag() <= now:
            at, self._next_at = self._next_at, self._next_at + BLOCK_S
            for packet in self._encoder.encode(self._block(at), at):
                self._give(packet)

    def _give(self, packet: SoundPacket) -> None:
        # A new encoder begins a little before its first sample; files take nothing that goes back.
        if packet.at > self._given_at:
            self._given_at = packet.at
            self._outlet.sound(packet)

    def _listen(self) -> None:
        how = self._wishes().over(self._config).sound.disguise
        if how != self._disguise:
            # What waits is still as it was: it must not be heard, so there is silence for as long as pictures wait.
            self._disguise = how
            self._waiting.clear()
            self._microphone.disguise(how)
        muted = self._muted()
        for heard in self._microphone.read():
            if not muted and heard.disguise == how:
                self._waiting.put(heard)
        if muted:
            self._waiting.clear()

    def _muted(self) -> bool:
        wished = self._wishes().sound
        return self._config.sound.mute if wished is None else wished != "on"

    def _lag(self) -> float:
        """Seconds that sound must leave after its time, so that what belongs to it has been heard by then."""
        return max(ON_THE_WAY_S - self._cue.shift, -AHEAD_S) if self._cue.audible else 0.0

    def _block(self, at: float) -> Samples:
        before, now = self._cue, self._cued(at)
        self._cue = now
        block = self._content(now, at)
        return block if before == now else blended(self._content(before, at), block)

    def _cued(self, at: float) -> Cue:
        showing: Showing | None = self._outlet.showing
        before = self._cue
        if showing is None:
            return Cue(before.shift, False)
        shift = showing.shift + self._config.sound.delay_ms / 1000
        if before.audible and abs(shift - before.shift) < SAME_S:
            shift = before.shift
        audible = at - showing.shift <= showing.captured_at + BEYOND_S
        return Cue(shift, audible and not self._muted())

    def _content(self, cue: Cue, at: float) -> Samples:
        return self._waiting.take(at - cue.shift, BLOCK) if cue.audible else silence(BLOCK)


class Silent:
    """No sound at all."""

    state = "off"

    def __init__(self, wishes: Callable[[], Wishes]) -> None:
        self._wishes = wishes

    @property
    def fault(self) -> str | None:
        """Told when sound is wished and there is none."""
        if self._wishes().sound == "on":
            return "sound is wished, but there is no microphone for it: start with --sound alsa or --sound pulse"
        return None

    def start(self) -> None:
        """Nothing begins."""

    def close(self) -> None:
        """Nothing ends."""


def build(config: Config, outlet: Outlet, wishes: Callable[[], Wishes]) -> Hearing | Silent:
    """The sound that the configuration asks for, not yet started; raises InputError for an unknown kind of source."""
    if not config.sound.source:
        return Silent(wishes)
    microphone = sound.build(config.sound.source, config.sound.disguise)
    return Hearing(config, microphone, lambda: sound.encoder(config.sound), outlet, wishes)

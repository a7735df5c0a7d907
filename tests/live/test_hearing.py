"""Sound leaves with its picture: as late as it, no further than it, not at all behind a slate."""

from __future__ import annotations

import numpy as np
import pytest

from appliance import config
from appliance.core.sound import RATE_HZ, Heard, SoundPacket
from appliance.live.hearing import BEYOND_S, BLOCK, BLOCK_S, Hearing, Silent, build
from appliance.live.outlet import Outlet
from appliance.live.wishes import Wishes
from appliance.sinks.null import NullSink
from tests.contracts.test_sinks import MASK, masked
from tests.live.test_outlet import notices

STEP = 1 / 30


class Room:
    """A room in which it is always as loud as it is late: every sample tells when it was heard (in 10 ms)."""

    fault = None

    def __init__(self) -> None:
        self.now = 0.0
        self.disguised = "off"
        self._read_at = 0.0

    def read(self) -> list[Heard]:
        """Everything since the last time."""
        first, last = round(self._read_at * RATE_HZ), round(self.now * RATE_HZ)
        self._read_at = self.now
        if first == last:
            return []
        level = (np.arange(first, last) // (RATE_HZ // 100) + 1).astype(np.int16)
        return [Heard(np.stack([level, level], axis=1), first / RATE_HZ, self.disguised)]

    def disguise(self, how: str) -> None:
        """At once."""
        self.disguised = how

    def close(self) -> None:
        """Nothing."""


class Ear(NullSink):
    """Keeps what it hears."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[float, np.ndarray]] = []

    def hear(self, packet: SoundPacket) -> None:
        """A block: not encoded here."""
        self.heard.append((packet.at, np.frombuffer(packet.data, np.int16).reshape(-1, 2)[:, 0]))

    def at(self, moment: float) -> int:
        """When it was heard (in 10 ms) what is given out at that moment; 0 for silence."""
        for at, samples in self.heard:
            if at <= moment < at + BLOCK_S:
                return int(samples[int((moment - at) * RATE_HZ)])
        raise AssertionError(f"nothing was given out at {moment}")

    def said_after(self, moment: float) -> set[int]:
        """When it was heard (in 10 ms) what was given out later, without what rises from silence or falls to it."""
        later = [samples for at, samples in self.heard if at > moment]
        whole = [b for a, b, c in zip(later, later[1:], later[2:]) if a.any() and c.all()]
        return {int(value) for samples in whole for value in samples}


class Plain:
    """No encoder."""

    def encode(self, samples, at):
        return [SoundPacket(samples.tobytes(), at, BLOCK_S)]


class Stage:
    """A box whose pictures and sound are moved on by hand."""

    def __init__(self, delay_s: float = 10 * STEP, **sound: object) -> None:
        self.now = 0.0
        self.delay_s = delay_s
        self.wishes = Wishes("selective", sound=None)
        self.ear, self.room = Ear(), Room()
        self.outlet = Outlet([self.ear], MASK, (64, 64), notices(), now=lambda: self.now)
        options = config.load(changes={"sound": {"source": "test", **sound}})
        self.hearing = Hearing(options, self.room, Plain, self.outlet, lambda: self.wishes, lambda: self.now)
        self._picture = 0

    def run(self, seconds: float, *, pictures: bool = True) -> None:
        """Let time pass; pictures leave, or none does."""
        for _ in range(round(seconds / (STEP / 4))):
            self.now += STEP / 4
            self.room.now = self.now
            if pictures and self.now - self.delay_s >= self._picture * STEP:
                while self.now - self.delay_s >= self._picture * STEP:
                    if self._picture * STEP >= self.now - self.delay_s - STEP:
                        self.outlet.show(masked(64, 64, "", captured_at=self._picture * STEP))
                    self._picture += 1
            self.hearing.turn()

    def delay_of(self, moment: float) -> float:
        """Seconds by which sound is given out after it was heard."""
        heard = self.ear.at(moment)
        assert heard, "silent"
        return moment - (heard - 1) / 100


@pytest.mark.parametrize("frames", [1, 10, 60])
def test_sound_is_as_late_as_its_picture(frames):
    stage = Stage(frames * STEP)
    stage.run(4)
    assert stage.outlet.showing.shift == pytest.approx(frames * STEP, abs=STEP)
    for moment in (2.6, 3.0, 3.5):
        assert stage.delay_of(moment) == pytest.approx(stage.outlet.showing.shift, abs=0.011)


def test_it_is_given_out_without_a_gap_whatever_happens():
    stage = Stage()
    stage.run(1)
    stage.outlet.hide(True)
    stage.run(1, pictures=False)
    stage.outlet.hide(False)
    stage.run(1)
    starts = [at for at, _ in stage.ear.heard]
    assert np.diff(starts) == pytest.approx(BLOCK_S)
    assert {len(samples) for _, samples in stage.ear.heard} == {BLOCK}
    assert starts[-1] > 2.8


@pytest.mark.parametrize("frames", [2, 30])
def test_another_window_and_the_sound_follows(frames):
    stage = Stage()
    stage.run(3)
    stage.delay_s = frames * STEP
    stage.run(3)
    assert stage.outlet.showing.shift == pytest.approx(frames * STEP, abs=STEP)
    assert stage.delay_of(5.5) == pytest.approx(stage.outlet.showing.shift, abs=0.021)


def test_behind_a_slate_nothing_is_heard_nor_what_was_said_there_afterwards():
    stage = Stage()
    stage.run(2)
    stage.outlet.hide(True)
    stage.run(2, pictures=False)
    stage.outlet.hide(False)
    stage.run(2)
    assert stage.ear.at(1.9) > 0
    assert {stage.ear.at(2.05 + k / 50) for k in range(95)} == {0}
    assert stage.ear.at(5.0) > 0
    assert min(stage.ear.said_after(2.1)) > 100 * (4 - stage.delay_s - 3 * STEP), (
        "only what the pictures after the slate show"
    )


def test_a_picture_that_stands_still_takes_its_sound_with_it():
    stage = Stage()
    stage.run(2)
    stage.run(2, pictures=False)
    assert {stage.ear.at(2 + BEYOND_S + 0.1 + k / 50) for k in range(70)} == {0}


def test_mute_is_at_once_and_what_was_said_meanwhile_is_never_heard():
    stage = Stage()
    stage.run(2)
    stage.wishes = Wishes("selective", sound="mute")
    stage.run(2)
    stage.wishes = Wishes("selective", sound="on")
    stage.run(2)
    assert {stage.ear.at(2.05 + k / 50) for k in range(95)} == {0}
    assert min(stage.ear.said_after(2.05)) >= 400
    assert stage.delay_of(5.5) == pytest.approx(stage.outlet.showing.shift, abs=0.011)


def test_what_is_wished_is_not_known_and_so_nothing_is_heard():
    stage = Stage()
    stage.wishes = Wishes()
    stage.run(1)
    assert {stage.ear.at(k / 50) for k in range(40)} == {0}
    assert stage.hearing.state == "muted"


def test_muted_from_the_start_until_it_is_wished():
    stage = Stage(mute=True)
    stage.run(1)
    assert stage.hearing.state == "muted"
    stage.wishes = Wishes("selective", sound="on")
    stage.run(1)
    assert stage.hearing.state == "on"
    assert stage.ear.at(1.8) > 0


def test_another_disguise_and_nothing_is_heard_that_is_not_disguised():
    stage = Stage()
    stage.run(2)
    stage.wishes = Wishes("selective", {"disguise": "deep"}, sound=None)
    stage.run(2)
    assert stage.room.disguised == "deep"
    assert min(stage.ear.said_after(2.05)) >= 200
    assert stage.ear.at(3.5) > 0


def test_sound_that_must_come_later_does():
    stage = Stage(delay_ms=200)
    stage.run(3)
    assert stage.delay_of(2.5) == pytest.approx(stage.outlet.showing.shift + 0.2, abs=0.011)


def test_a_process_that_was_stopped_goes_on_in_the_present():
    stage = Stage()
    stage.run(1)
    stage.now += 60
    stage.run(1)
    assert len(stage.ear.heard) < 3 / BLOCK_S
    assert stage.ear.heard[-1][0] > 61.8


def test_an_encoder_that_fails_is_told_and_replaced():
    class Broken(Plain):
        failed = False

        def encode(self, samples, at):
            if not Broken.failed:
                Broken.failed = True
                raise ValueError("no such frame")
            return super().encode(samples, at)

    stage = Stage()
    stage.hearing._make_encoder = Broken
    stage.hearing._encoder = Broken()
    stage.hearing._closing.wait = lambda _: Broken.failed
    stage.now = 0.1
    stage.hearing._run()
    assert stage.hearing.fault == "sound: no such frame"
    assert stage.hearing.state == "lost"


def test_an_encoder_that_cannot_be_replaced_at_once_is_replaced_later():
    """Its thread must go on: who listens waits for sound, and never would hear any."""
    stage, made = Stage(), []

    def make():
        made.append(len(made))
        if len(made) < 3:
            raise MemoryError("no room for a codec")
        return Plain()

    stage.hearing._make_encoder, stage.hearing._encoder = make, None
    turns = iter([False] * 4)
    stage.hearing._closing.wait = lambda _: next(turns, True)
    stage.now = 0.1
    stage.hearing._run()
    assert len(made) == 3
    assert stage.hearing.fault is None


def test_no_microphone_no_sound_and_a_wish_for_it_is_told():
    wishes = [Wishes("selective", sound=None)]
    silent = build(config.load(), Outlet([], MASK, (64, 64), notices()), lambda: wishes[0])
    assert isinstance(silent, Silent)
    assert (silent.state, silent.fault) == ("off", None)
    wishes[0] = Wishes("selective", sound="on")
    assert "--sound" in silent.fault

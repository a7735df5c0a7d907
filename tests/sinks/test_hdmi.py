"""Displays come, go, change and fail, and nobody waits for them."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

import pytest

from appliance.config import load
from appliance.errors import SinkError
from appliance.sinks import SinkOptions
from appliance.sinks.hdmi import BACK_OFF_S, HdmiSink, build
from tests.contracts.test_sinks import masked, sink_options
from tests.core.test_slate import LOCAL
from tests.sinks.test_connectors import plug
from tests.waiting import slowness

OPTIONS = load(changes={"hdmi": {"output": "kms"}}).hdmi


class Screen:
    """Takes note of what is painted on it."""

    name, size = "HDMI-A-1 1280x720", (1280, 720)

    def __init__(self) -> None:
        self.painted: list[int] = []
        self.closed = False
        self.fault = ""

    def show(self, canvas, picture_height):
        if self.fault:
            raise SinkError(self.fault)
        assert canvas.y.shape == (720, 1280)
        self.painted.append(picture_height)

    def close(self):
        self.closed = True


class Clock:
    """Time that passes when told."""

    at = 100.0

    def __call__(self) -> float:
        return self.at


class Bench:
    """A sink, its sockets, its clock and the screens it opened."""

    def __init__(self, root) -> None:
        self.root, self.clock, self.screens = root, Clock(), []
        self.refusal = ""
        self.sink = HdmiSink(OPTIONS, root, self._open, self.clock)

    def _open(self):
        if self.refusal:
            raise SinkError(self.refusal)
        self.screens.append(Screen())
        return self.screens[-1]

    def show(self, what=None, after_s=1.0):
        """Give it something, so much later, and wait until its thread has dealt with it."""
        self.clock.at += after_s
        # Two: when the second is taken, the first is done.
        for _ in range(2):
            taken = self.sink._worker._things
            self.sink.tell(LOCAL) if what is LOCAL else self.sink.write(what or masked(640, 480))
            end_at = time.monotonic() + 5
            while taken and time.monotonic() < end_at:
                time.sleep(0.002)
        time.sleep(0.02)


@pytest.fixture
def bench(tmp_path):
    """Nothing is plugged in yet."""
    bench = Bench(tmp_path)
    yield bench
    bench.sink.close()


def test_without_a_display_nothing_is_wrong(bench):
    bench.show()
    assert (bench.sink.display, bench.sink.fault, bench.screens) == ("", None, [])


def test_one_that_is_plugged_in_later_starts_by_itself(bench):
    bench.show()
    plug(bench.root)
    bench.show()
    assert bench.sink.display == "HDMI-A-1 1280x720"
    assert bench.screens[0].painted[-1] == 480
    bench.show(LOCAL)
    assert bench.screens[0].painted[-1] == 0


def test_one_that_is_unplugged_is_let_go_and_comes_back(bench):
    plug(bench.root)
    bench.show()
    plug(bench.root, status="disconnected", modes="", edid=b"")
    bench.show()
    assert (bench.screens[0].closed, bench.sink.display, bench.sink.fault) == (True, "", None)
    plug(bench.root)
    bench.show()
    assert bench.sink.display
    assert len(bench.screens) == 2


def test_another_display_in_the_same_socket_gets_its_own_mode(bench):
    plug(bench.root)
    bench.show()
    plug(bench.root, modes="1024x768\n", edid=b"another")
    bench.show()
    assert [screen.closed for screen in bench.screens] == [True, False]


def test_a_second_display_does_not_take_the_picture_away(bench):
    plug(bench.root, "card1-HDMI-A-2")
    bench.show()
    plug(bench.root, "card1-HDMI-A-1")
    bench.show()
    assert len(bench.screens) == 1
    plug(bench.root, "card1-HDMI-A-2", "disconnected")
    bench.show()
    assert [screen.closed for screen in bench.screens] == [True, False]


def test_a_display_that_cannot_be_opened_is_told_and_tried_ever_less_often(bench):
    bench.refusal = "hdmi: a desktop has it"
    plug(bench.root)
    attempts = []
    for _ in range(400):
        bench.show(after_s=0.25)
        if bench.sink._retry_at not in attempts:
            attempts.append(bench.sink._retry_at)
        if len(attempts) == 7:
            break
    assert bench.sink.fault == "hdmi: a desktop has it"
    pauses = [round(later - sooner) for sooner, later in pairwise(attempts)]
    assert pauses[:4] == [round(pause) for pause in BACK_OFF_S[1:]]
    bench.refusal = ""
    bench.show(after_s=20)
    bench.show(after_s=2)
    assert (bench.sink.fault, bench.sink.display != "") == (None, True)


def test_a_screen_that_fails_is_opened_anew(bench):
    plug(bench.root)
    bench.show()
    bench.screens[0].fault = "hdmi: the driver said no"
    bench.show()
    assert (bench.sink.fault, bench.screens[0].closed) == ("hdmi: the driver said no", True)
    bench.show(after_s=2)
    bench.show(after_s=2)
    assert (bench.sink.fault, len(bench.screens)) == (None, 2)


def test_a_driver_that_hangs_holds_up_nobody(tmp_path):
    plug(tmp_path)
    release = threading.Event()
    sink = HdmiSink(OPTIONS, tmp_path, lambda: release.wait(30) and Screen())
    began = time.monotonic()
    for _ in range(50):
        sink.write(masked(64, 64, ""))
    sink.tell(LOCAL)
    sink.sign(("filming",))
    assert time.monotonic() - began < 0.5 * slowness()
    sink.close()
    assert time.monotonic() - began < 4.0 * slowness()
    release.set()


def test_the_newest_wins(bench):
    plug(bench.root)
    bench.show()
    gate, painted = threading.Event(), []

    def slowly(canvas, picture_height):
        painted.append(picture_height)
        gate.wait(5)

    bench.screens[0].show = slowly
    bench.sink.write(masked(320, 100, ""))
    time.sleep(0.2)
    for height in (110, 120, 130):
        bench.sink.write(masked(320, height, ""))
    gate.set()
    time.sleep(0.3)
    assert painted == [100, 130]


def with_output(folder, output: str) -> SinkOptions:
    from dataclasses import replace

    return replace(sink_options(folder), hdmi=load(changes={"hdmi": {"output": output}}).hdmi)


def test_a_window_without_a_desktop_is_refused_at_the_start(tmp_path, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(SinkError, match="DISPLAY is not set"):
        build(with_output(tmp_path, "x11"))


def test_auto_leaves_a_desktops_display_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":7")
    options = with_output(tmp_path, "auto")
    plug(options.root)
    sink = build(options)
    sink.write(masked())
    time.sleep(0.2)
    sink.close()
    assert (sink.display, sink.fault) == ("", None)


def test_a_display_whose_device_may_not_be_opened_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    options = with_output(tmp_path, "auto")
    plug(options.root)
    sink = build(options)
    end_at = time.monotonic() + 5
    while sink.fault is None and time.monotonic() < end_at:
        sink.write(masked())
        time.sleep(0.02)
    sink.close()
    assert "card1" in sink.fault
    assert "group video" in sink.fault

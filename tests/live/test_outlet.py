"""Pictures and slates through one door, which shuts for pictures when something failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.config import load
from appliance.core.frames import blank
from appliance.core.slate_drawing import GROUND
from appliance.core.veiling import veil
from appliance.errors import SinkError
from appliance.live.notices import Notices
from appliance.live.outlet import Outlet, Showing
from appliance.sinks import Login
from appliance.sinks.null import NullSink, build
from tests.contracts.test_sinks import MASK, masked, sink_options


class Clock:
    now = 10.0

    def __call__(self) -> float:
        return self.now


def notices(tmp_path: Path = Path("nowhere"), login: Login | None = None, **options: dict) -> Notices:
    """What slates say of a box with one network."""
    return Notices(load(changes=options), tmp_path, 8554, login, lambda: ("192.168.0.12",), lambda: 1.8e9)


@pytest.fixture
def sink(tmp_path) -> NullSink:
    """What keeps the last picture."""
    return build(sink_options(tmp_path))


def test_a_slate_has_the_size_of_the_picture_before_it(sink):
    outlet = Outlet([sink], MASK, (320, 240), notices(), now=Clock())
    outlet.slate("starting")
    assert (sink.last.width, sink.last.height) == (320, 240)
    assert sink.last.y[0, 0] == GROUND[0]
    assert sink.last.captured_at == 10.0
    outlet.show(masked(640, 360))
    outlet.slate("camera-lost")
    assert (sink.last.width, sink.last.height) == (640, 360)
    assert sink.last.covered == ()


def test_silence_is_counted_from_the_last_picture(sink):
    clock = Clock()
    outlet = Outlet([sink], MASK, (320, 240), notices(), now=clock)
    assert outlet.silent_s == float("inf")
    outlet.slate("starting")
    assert outlet.silent_s == float("inf")
    outlet.show(masked())
    clock.now += 3
    assert outlet.silent_s == 3.0


def test_once_shut_no_picture_passes_any_more_but_slates_do(sink):
    outlet = Outlet([sink], MASK, (320, 240), notices(), now=Clock())
    outlet.shut()
    outlet.show(masked())
    assert sink.count == 0
    outlet.slate("failed")
    assert sink.count == 1


def test_a_sink_that_cannot_serve_raises_and_one_that_merely_suffers_is_told(sink):
    class Broken(NullSink):
        fault = "the disk is full"

        def write(self, frame):
            raise SinkError("no encoder")

    outlet = Outlet([sink, Broken()], MASK, (320, 240), notices(), now=Clock())
    assert outlet.faults == ("the disk is full",)
    with pytest.raises(SinkError):
        outlet.show(masked())


def test_what_sinks_see_is_on_one_clock_whatever_the_sources_says(sink):
    clock = Clock()
    outlet = Outlet([sink], MASK, (320, 240), notices(), now=clock)
    places = []
    for captured_at in (5.0, 5.0, 4.0, 1e9, -3.0, 0.0):
        clock.now += 0.03
        outlet.show(masked(captured_at=captured_at))
        places.append(sink.last.captured_at)
        assert clock.now - 0.2 < places[-1] <= clock.now + 0.001
    assert places == sorted(set(places))


def test_sound_is_told_which_picture_is_to_be_seen_and_when_there_is_none(sink):
    clock = Clock()
    outlet = Outlet([sink], MASK, (320, 240), notices(), now=clock)
    assert outlet.showing is None
    outlet.show(masked(captured_at=9.5))
    assert outlet.showing == Showing(9.5, 0.5)
    for silenced in (lambda: outlet.slate("camera-lost"), lambda: outlet.hide(True), outlet.shut):
        outlet.hide(False)
        outlet.show(masked(captured_at=9.6))
        assert outlet.showing is not None
        silenced()
        assert outlet.showing is None
        outlet.show(masked(captured_at=9.7)) if outlet.hidden else None
        assert outlet.showing is None


class Shown:
    """A display that remembers."""

    fault, display = None, "HDMI-A-1"

    def __init__(self) -> None:
        self.pictures, self.notices, self.lines = [], [], ()

    def write(self, frame):
        self.pictures.append(frame)

    def tell(self, notice):
        self.notices.append(notice)

    def sign(self, lines):
        self.lines = lines

    def close(self):
        pass


def test_displays_see_pictures_like_streams_and_slates_in_full(sink):
    display = Shown()
    outlet = Outlet([sink], MASK, (320, 240), notices(login=Login("mofy", "secret-7")), [display])
    outlet.slate("starting")
    assert (len(display.pictures), len(display.notices), sink.count) == (0, 1, 1)
    assert len(display.notices[0].codes) == 1
    frame = masked(640, 360)
    outlet.show(frame)
    assert display.pictures == [sink.last]
    assert sink.last.y is frame.y


def test_the_sign_is_drawn_where_it_is_wished(sink):
    display = Shown()
    outlet = Outlet([sink], MASK, (640, 360), notices(), [display])
    pictures = {}
    for where in ("off", "display", "everywhere", "off"):
        outlet.sign(where)
        frame = veil(blank(640, 360), (), MASK)
        outlet.show(frame)
        pictures.setdefault(where, (int((frame.y != 16).sum()), len(display.lines)))
    assert pictures["off"] == (0, 0)
    assert pictures["display"] == (0, 2)
    assert pictures["everywhere"][0] > 500
    assert pictures["everywhere"][1] == 0, "not drawn twice"

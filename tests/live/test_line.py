"""The thread that owns the picture: what it lets out when the camera, the model or a wish changes."""

from __future__ import annotations

import time
from collections import deque

import numpy as np
import pytest

from appliance import config
from appliance.capture import SourceEndError
from appliance.core.frames import Frame, blank
from appliance.core.identity import NOBODY
from appliance.errors import CaptureError, ModelError
from appliance.live.claims import Claims
from appliance.live.line import LOST_S, Line
from appliance.live.meter import Meter
from appliance.live.numbers import Numbers
from appliance.live.outlet import Outlet
from appliance.live.pace import Pace
from appliance.live.terms import Terms
from appliance.live.wishes import Wishes
from appliance.masks import MaskOptions, solid
from appliance.pipeline import Pipeline, Settings
from appliance.sinks.null import NullSink
from tests.live.test_outlet import notices
from tests.waiting import PATIENCE_S, slowness

WINDOW = 3


class Camera:
    """Gives what it is told to, then nothing, then raises what it is told to."""

    def __init__(self, *frames: Frame | Exception | float) -> None:
        self.frames = deque(frames)

    def read(self, timeout_s):
        if not self.frames:
            time.sleep(timeout_s)
            return None
        following = self.frames.popleft()
        if isinstance(following, Exception):
            raise following
        if isinstance(following, float):
            time.sleep(following)
            return None
        return following

    def close(self):
        pass


class Nobody:
    people, wishes, fault = NOBODY, Wishes("selective"), None
    claims, sound = (), True

    def changed(self):
        return False

    def close(self):
        pass


class Finder:
    """Finds nothing; keeps what it was shown; fails when told to."""

    turn_frames = 1

    def __init__(self, error: Exception | None = None, at: int = 0) -> None:
        self.seen: list[Frame] = []
        self._error = error
        self._at = at

    def find(self, frame):
        self.seen.append(frame)
        if self._error and len(self.seen) > self._at:
            raise self._error
        return []

    def rest(self):
        return []

    def again(self):
        return []


def frames(count: int, size: tuple[int, int] = (32, 24)) -> list[Frame]:
    return [blank(*size, captured_at=float(k)) for k in range(count)]


def started(camera: Camera, finder: Finder, first: Frame | None = None) -> tuple[Line, NullSink]:
    sink = NullSink()
    mask = solid.build(MaskOptions())
    pipeline = Pipeline(finder, None, mask, settings=Settings(window=WINDOW))
    outlet = Outlet([sink], mask, (32, 24), notices())
    terms = Terms(config.load(changes={"window": {"live_frames": WINDOW}}), None)
    line = Line(
        camera, first, pipeline, Nobody(), Claims("run", time.time, Numbers()), terms, outlet, Meter(), Pace(), fps=200
    )
    line.start()
    return line, sink


def test_a_file_that_ends_shows_every_frame_the_first_one_too():
    first, *rest = frames(10)
    line, sink = started(Camera(*rest, SourceEndError("over")), Finder(), first)
    assert line.done.wait(PATIENCE_S)
    assert line.fault is None
    assert sink.count == 10
    assert sink.last.index == 9


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ModelError("the model answers nonsense"), "the model answers nonsense"),
        (ValueError("cannot convert float NaN\nto integer"), "the picture was stopped: ValueError: cannot convert"),
        (MemoryError(), "the picture was stopped: MemoryError: "),
    ],
)
def test_whatever_raises_ends_it_and_what_waits_stays_inside(error, told):
    line, sink = started(Camera(*frames(20)), Finder(error, at=8))
    assert line.done.wait(PATIENCE_S)
    assert str(line.fault).startswith(told)
    assert "\n" not in str(line.fault)
    assert sink.count == 8 - WINDOW


def test_a_camera_gone_for_good_ends_it_at_once():
    line, sink = started(Camera(*frames(5), CaptureError("gone")), Finder())
    assert line.done.wait(PATIENCE_S)
    assert str(line.fault) == "gone"
    assert sink.count == 5 - WINDOW


def test_a_lost_camera_drops_what_waits_and_begins_a_new_shot():
    finder = Finder()
    line, sink = started(Camera(*frames(5), LOST_S + 0.1, *frames(5)), finder)
    wait_until(lambda: len(finder.seen) == 10)
    line.stop(2)
    assert line.done.is_set()
    assert sink.count == 2 * (5 - WINDOW)
    assert [frame.cut for frame in finder.seen] == [True, *[False] * 4, True, *[False] * 4]


def test_a_new_size_is_a_new_shot():
    finder = Finder()
    line, sink = started(Camera(*frames(5), *frames(5, (48, 32)), SourceEndError("over")), finder)
    assert line.done.wait(PATIENCE_S)
    assert [frame.cut for frame in finder.seen] == [True, *[False] * 4, True, *[False] * 4]
    assert sink.count == 10
    assert (sink.last.width, sink.last.height) == (48, 32)


def test_stopping_takes_no_longer_than_a_frame():
    line, _ = started(Camera(), Finder())
    began = time.monotonic()
    line.stop(2)
    assert line.done.is_set()
    assert time.monotonic() - began < 0.5 * slowness()


def wait_until(what, most_s: float = PATIENCE_S) -> None:
    end_at = time.monotonic() + most_s
    while not what():
        assert time.monotonic() < end_at
        time.sleep(0.01)


def test_the_picture_is_the_cameras():
    picture = blank(32, 24)
    picture.y[:] = np.arange(32, dtype=np.uint8) + 20
    line, sink = started(Camera(picture, SourceEndError("over")), Finder())
    assert line.done.wait(PATIENCE_S)
    assert (sink.last.y == picture.y).all()

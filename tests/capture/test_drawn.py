"""A source that draws gives the picture of the moment: none early, none twice, none that is late."""

from __future__ import annotations

import time

from appliance.capture._drawn import Drawn
from appliance.core.frames import Frame, blank


def draw(index: int) -> Frame:
    return blank(4, 4, index)


def test_frames_come_in_order_when_they_are_due():
    began_at = time.monotonic()
    source = Drawn(draw, 50.0, began_at)
    frames = [source.read(10.0) for _ in range(5)]
    assert time.monotonic() >= frames[-1].captured_at
    indices = [frame.index for frame in frames]
    assert indices == sorted(set(indices))
    assert [frame.captured_at for frame in frames] == [began_at + index / 50.0 for index in indices]


def test_what_nobody_read_in_time_is_skipped():
    source = Drawn(draw, 10.0, time.monotonic() - 100.0)
    assert source.read(1.0).index >= 1000


def test_it_waits_no_longer_than_asked():
    source = Drawn(draw, 0.01)
    assert source.read(1.0).index == 0
    assert source.read(0.02) is None
    source.close()

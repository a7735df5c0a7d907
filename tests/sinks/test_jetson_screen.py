"""A Jetson's display: pictures of the display's own format, and faults that are told."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from appliance.errors import SinkError
from appliance.sinks._jetson_screen import opened
from appliance.sinks._letterbox import canvas
from tests.fakes.jetson_utils import Bench, module


@pytest.fixture
def bench(monkeypatch):
    """A Jetson with a desktop."""
    bench = Bench()
    monkeypatch.setitem(sys.modules, "jetson_utils", module(bench))
    return bench


def test_what_is_painted_is_what_was_given(bench):
    screen = opened()
    assert screen.size == (1280, 718)
    picture = canvas(*screen.size)
    picture.y[:, 640:] = 235
    screen.show(picture, 720)
    (shown,) = bench.rendered
    assert shown.shape == (718, 1280, 3)
    assert shown[:, :640].max() < 3
    assert shown[:, 640:].min() > 252
    assert shown.dtype == np.uint8


def test_faults_are_told(bench):
    screen = opened()
    bench.silent = True
    with pytest.raises(SinkError, match="failed to render"):
        screen.show(canvas(*screen.size), 720)
    bench.broken = True
    with pytest.raises(SinkError, match="window was closed"):
        screen.show(canvas(*screen.size), 720)
    screen.close()
    bench.present = False
    with pytest.raises(SinkError, match="is there a desktop"):
        opened()


def test_elsewhere_it_says_what_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "jetson_utils", None)
    with pytest.raises(SinkError, match='use "kms" or "gl"'):
        opened()

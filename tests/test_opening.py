"""Networks that a GPU lacks are built behind a slate, and nobody takes the wait for a fault."""

from __future__ import annotations

import sys
import threading

import pytest

from appliance import assembly, config, measuring, opening
from appliance.errors import ModelError, MofyError
from appliance.runtimes import _cuda
from tests.fakes.tensorrt import Bench, FakeCuda, module
from tests.mofy_process import needs_gstreamer
from tests.ports import free_port

pytestmark = needs_gstreamer


@pytest.fixture
def jetson(monkeypatch, tmp_path):
    """A Jetson whose GPU builds when it is told to, and its configuration."""
    bench = Bench()
    bench.may_build = threading.Event()
    monkeypatch.setitem(sys.modules, "tensorrt", module(bench))
    monkeypatch.setattr(_cuda, "Cuda", FakeCuda)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    faces = {"detector": "yunet-320x192-int8-onnx", "embedder": "mobilefacenet-512-float-onnx"}
    changes = {"faces": faces, "rtsp": {"port": free_port(), "address": "127.0.0.1"}, "hdmi": {"output": "off"}}
    yield bench, config.load(None, changes), tmp_path
    bench.may_build.set()
    for thread in threading.enumerate():
        if thread.name == "networks":
            thread.join(30)


def test_a_slate_stands_while_networks_are_built(jetson):
    bench, loaded, data = jetson
    seen = []

    def tell(status):
        seen.append((status.state, measuring.going_on(data)))
        if len(seen) == 2:
            bench.may_build.set()

    opening.build_networks(loaded, "test", data, threading.Event(), tell)
    assert seen[:2] == [("starting", True)] * 2
    assert bench.built == 2
    assert assembly.is_built(loaded)
    assert not measuring.going_on(data)
    opening.build_networks(loaded, "test", data, threading.Event(), pytest.fail)
    assembly.detector(loaded)
    assert bench.built == 2


def test_who_stops_does_not_wait_for_them(jetson):
    bench, loaded, data = jetson
    stop = threading.Event()
    opening.build_networks(loaded, "test", data, stop, lambda _: stop.set())
    assert bench.built <= 1


def test_what_cannot_be_built_is_told(jetson):
    bench, loaded, data = jetson
    bench.refuses = True
    bench.may_build.set()
    with pytest.raises(ModelError, match="cannot build an engine"):
        opening.build_networks(loaded, "test", data, threading.Event())


def test_neither_does_a_fault_of_the_library_end_in_silence(jetson, monkeypatch):
    _, loaded, data = jetson

    def refuse(_):
        raise OSError("no space left on device")

    monkeypatch.setattr(measuring, "under_way", refuse)
    with pytest.raises(MofyError, match="cannot be built: no space left"):
        opening.build_networks(loaded, "test", data, threading.Event())


def test_the_processor_lacks_nothing(tmp_path):
    opening.build_networks(config.load(), "test", tmp_path, threading.Event(), pytest.fail)

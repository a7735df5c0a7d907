"""The soak's instruments: stamps are read back or not at all, figures and plot are those of the samples."""

from __future__ import annotations

import itertools
import threading
import time
from argparse import Namespace
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import config, parts
from appliance.core.frames import blank
from appliance.core.veiling import veil
from appliance.masks import MaskOptions, mosaic
from appliance.sinks import SinkOptions
from tests.benchmarks.plot import Line, svg
from tests.benchmarks.soak import stamp
from tests.benchmarks.soak.__main__ import Measured, _growth, _lines, _page
from tests.benchmarks.soak.eye import Eye, latencies_ms
from tests.benchmarks.soak.viewers import VIEWERS
from tests.ports import free_port
from tests.test_status import NOW

WIDTH = 1280
SIZE = (WIDTH, 48)


@given(st.integers(0, 10**6), st.floats(0, 1e7), st.integers(0, 99))
def test_a_stamp_is_read_back_through_an_encoders_noise(count, at_s, seed):
    frame = blank(*SIZE)
    stamp.put(frame, count, at_s)
    noise = np.random.default_rng(seed).normal(0, 20, frame.y.shape)
    found = stamp.read(np.clip(frame.y + noise, 0, 255).astype(np.uint8))
    assert found == (count % (1 << stamp.COUNT_BITS), int(at_s * 1000) % stamp.ROUND_MS)


@pytest.mark.parametrize("luma", [0, 16, 126, 128, 235, 255])
def test_a_cover_or_a_slate_is_no_stamp(luma):
    assert stamp.read(np.full((SIZE[1], SIZE[0]), luma, np.uint8)) is None


def test_latency_counts_from_the_frame_that_let_this_one_go():
    rounds, late = stamp.ROUND_MS, 25.0
    # The counters of frames and of time both begin anew in between.
    numbers = [(65530 + k) % 65536 for k in range(30)]
    stamps = [(rounds - 300 + 33 * k) % rounds for k in range(30)]
    seen = [(numbers[k], stamps[k], 1e7 * rounds + stamps[(k + 10) % 30] + late) for k in range(20)]
    seen += [(numbers[k], stamps[k], 0.0) for k in range(20, 30)]
    found = latencies_ms(seen, 10)
    assert len(found) == 20
    assert found == [pytest.approx(late)] * 20


@pytest.fixture(scope="module")
def stream(tmp_path_factory):
    """A served picture that tells its number and its moment, 25 a second; every one may leave at once."""
    options = config.load(changes={"rtsp": {"address": "127.0.0.1", "port": 0}})
    folder = tmp_path_factory.mktemp("stream")
    told = SinkOptions(options.rtsp, 25, folder / "film.mp4", folder, options.record, options.hdmi)
    sink = parts.part("sinks", "rtsp").build(told)
    stopped = threading.Event()

    def serve():
        for count in itertools.count():
            frame = blank(WIDTH, 720, count, time.monotonic())
            stamp.put(frame, count, time.monotonic())
            sink.write(veil(frame, (), mosaic.build(MaskOptions())))
            if stopped.wait(0.04):
                return

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"rtsp://127.0.0.1:{sink.port}{options.rtsp.path}"
    stopped.set()
    thread.join()
    sink.close()


@pytest.mark.parametrize("viewer", sorted(VIEWERS))
def test_each_viewer_sees_one_frame_after_the_other_and_when(stream, viewer):
    eye = Eye(stream, VIEWERS[viewer])
    end_at = time.monotonic() + 20
    while len(eye.seen) < 25 and time.monotonic() < end_at:
        time.sleep(0.05)
    eye.close()
    numbers = [number for number, _, _ in eye.seen]
    assert len(numbers) >= 25
    assert numbers == sorted(set(numbers))
    assert 0 <= min(latencies_ms(eye.seen, 0)) < 5000


@pytest.mark.parametrize("viewer", sorted(VIEWERS))
def test_a_viewer_of_nothing_can_be_closed(viewer):
    eye = Eye(f"rtsp://127.0.0.1:{free_port()}/live", VIEWERS[viewer])
    eye.close()
    assert eye.seen == []


def test_growth_is_from_the_first_calm_minutes_to_the_last():
    warming = [(float(k), 150.0 + 10 * k) for k in range(6)]
    calm = [*warming, *((float(k), 300.0 + k) for k in range(6, 30))]
    assert _growth(Measured(calm=calm)) == pytest.approx(17, abs=1)
    assert _growth(Measured(calm=[(0.0, 150.0)])) == 0


def test_the_plot_is_a_picture_of_the_samples():
    text = svg([Line("memory", [(0.0, 100.0), (5.0, 200.0)]), Line("nothing", [])])
    lines = ElementTree.fromstring(text).findall("{http://www.w3.org/2000/svg}polyline")
    assert [len(line.attrib["points"].split()) for line in lines] == [2, 0]


def test_the_page_tells_everything_measured():
    samples = [(k / 60, replace(NOW, fps=30.0, memory_mb=250.0 + k, cpu_percent=70.0, dropped=k)) for k in range(60)]
    seen = Measured([1.0, 1.2], [1.9], samples, [(0.5, 250.0)], [10.0, 20.0], {"a fault"}, [2.0], 7, 3)
    page = _page(seen, Namespace(width=1920, height=1080, minutes=0.5, viewer="libav"), "soak.svg")
    for words in (
        "309 MB",
        "30.0, 30.0",
        "70 %",
        "15 ms (median)",
        "1.1 s",
        "1.9 s",
        "a fault",
        "for 0.5 minutes",
        "libav",
    ):
        assert words in page
    assert [len(line.points) for line in _lines(seen)] == [60, 60, 60]

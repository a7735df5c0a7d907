"""Sound as real clients and films have it: in step with the picture, gone when it must be, never in its way."""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path

import pytest

from appliance.store import Store
from tests.listening import Listener, film
from tests.mofy_process import Mofy, Viewer, needs_ffmpeg, needs_gstreamer
from tests.waiting import PATIENCE_S, slowness

pytestmark = [needs_gstreamer, needs_ffmpeg]

LIP_SYNC_MS = 40
CLAP = ("--source", "clap", "--width", "320", "--height", "240")
ON_THE_WAY_S = 0.6
"""From a wish to the ear of a client on a busy machine: 150 ms to obey, encoder, network, decoder."""


@pytest.fixture(scope="module")
def clapping(tmp_path_factory):
    """(process, data folder, folder of films, store) of a box that flashes and beeps."""
    data = tmp_path_factory.mktemp("clapping")
    store = Store.open(data, create=True)
    with Mofy(data, *CLAP, "--sound", "clap", "--record", str(data / "films"), detector="blind") as mofy:
        yield mofy, data, data / "films", store


def status(data: Path) -> dict:
    return json.loads((data / "mofy" / "status.json").read_text(encoding="utf-8"))


def wait_for_status(data: Path, what, timeout_s: float = PATIENCE_S) -> dict:
    end_at = time.monotonic() + timeout_s
    while not what(now := status(data)):
        assert time.monotonic() < end_at, now
        time.sleep(0.05)
    return now


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_flash_and_beep_are_one_moment_for_a_client(clapping, transport):
    mofy, data, *_ = clapping
    listener = Listener(mofy.address, transport)
    listener.wait_for(lambda seen: len(seen.flashes) > 2 and len(seen.beeps) > 2)
    seen = listener.stop()
    assert seen.codecs == ("h264", "aac")
    assert statistics.median(map(abs, seen.errors_ms())) < LIP_SYNC_MS, seen
    assert status(data)["sound"] == "on"


@pytest.mark.parametrize("window", ["30", "1"])
def test_the_window_changes_and_the_sound_follows(clapping, window):
    mofy, _, _, store = clapping
    listener = Listener(mofy.address)
    listener.wait_for(lambda seen: seen.flashes and seen.beeps)
    store.set_setting("window", window, "test")
    time.sleep(1.5)
    known = len(listener.perceived.flashes)
    listener.wait_for(lambda seen: len(seen.flashes) > known + 2)
    store.set_setting("window", None, "test")
    seen = listener.stop()
    assert statistics.median(map(abs, seen.errors_ms()[known:])) < LIP_SYNC_MS, seen


@pytest.mark.parametrize(("key", "value", "told"), [("sound", "mute", "muted"), ("mode", "slate", "silent")])
def test_it_is_silent_at_once_when_it_must_be_and_comes_back(clapping, key, value, told):
    mofy, data, _, store = clapping
    listener = Listener(mofy.address)
    listener.wait_for(lambda seen: len(seen.beeps) > 1)
    store.set_setting(key, value, "test")
    wished_at = time.monotonic()
    wait_for_status(data, lambda now: now["sound"] == told)
    time.sleep(2.2)
    pieces = listener.perceived.pieces
    store.set_setting(key, None, "test")
    again_at = time.monotonic()
    listener.wait_for(lambda seen: seen.loud_at[-1] > again_at)
    seen = listener.stop()
    assert [at for at in seen.loud_at if wished_at + ON_THE_WAY_S < at < again_at] == []
    assert pieces > 60, "silence is sent too: players wait for sound"


def test_a_disguise_changes_a_real_tone(tmp_path):
    store = Store.open(tmp_path, create=True)
    with Mofy(tmp_path, *CLAP, "--sound", "test", detector="blind") as mofy:
        listener = Listener(mofy.address)
        listener.wait_for(lambda seen: len(seen.pitches) > 20)
        assert statistics.median(listener.perceived.pitches) == pytest.approx(440, abs=12)
        store.set_setting("disguise", "deep", "test")
        time.sleep(2.5)
        known = len(listener.perceived.pitches)
        listener.wait_for(lambda seen: len(seen.pitches) > known + 30)
        assert statistics.median(listener.stop().pitches[known:]) == pytest.approx(330, abs=12)


def test_a_recording_has_both_in_step(clapping):
    _, data, films, store = clapping
    wait_for_status(data, lambda now: now["recording"] and now["sound"] == "on")
    time.sleep(1)
    store.set_setting("record", "false", "test")
    wait_for_status(data, lambda now: not now["recording"])
    store.set_setting("record", None, "test")
    kept = film(sorted(films.iterdir())[0])
    assert kept.codecs == ("h264", "aac")
    errors = kept.errors_ms()
    assert len(errors) > 2
    assert statistics.median(map(abs, errors)) < LIP_SYNC_MS, kept


def test_opus_in_stream_and_file(tmp_path):
    options = tmp_path / "opus.toml"
    options.write_text('[sound]\nsource = "clap"\ncodec = "opus"\n', encoding="utf-8")
    kept = tmp_path / "kept.mp4"
    with Mofy(tmp_path / "data", *CLAP, "--config", str(options), "--record", str(kept), detector="blind") as mofy:
        listener = Listener(mofy.address)
        listener.wait_for(lambda seen: len(seen.flashes) > 1 and len(seen.beeps) > 1)
        seen = listener.stop()
        assert mofy.stop() < 3 * slowness()
    for perceived in (seen, film(kept)):
        assert perceived.codecs == ("h264", "opus")
        assert statistics.median(map(abs, perceived.errors_ms())) < LIP_SYNC_MS, perceived


def test_a_microphone_that_is_not_there_is_told_and_the_picture_goes_on(tmp_path):
    Store.open(tmp_path, create=True)
    with Mofy(tmp_path, *CLAP, "--sound", "alsa:no-such-card", detector="blind") as mofy:
        viewer = Viewer(mofy.address)
        viewer.wait_for(lambda picture: True)
        now = wait_for_status(tmp_path, lambda now: now["sound"] == "lost" and now["fps"] > 5)
        assert any(fault.startswith("alsa:no-such-card: ") for fault in now["faults"]), now["faults"]
        assert mofy.errors() == ""
        listener = Listener(mofy.address)
        listener.wait_for(lambda seen: seen.pieces > 20)
        assert listener.stop().loud_at == []


@pytest.mark.parametrize("source", ["sala:hw", "microphone"])
def test_a_kind_of_source_that_there_is_not_is_one_line(tmp_path, source):
    mofy = Mofy(tmp_path, *CLAP, "--sound", source)
    assert mofy.process.wait(20) == 1
    assert mofy.errors().count("\n") == 1
    assert "alsa, clap, pulse, test" in mofy.errors()

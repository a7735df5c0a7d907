"""What avahi is told: what is true, as long as it is."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from appliance import reach, status
from appliance.network.naming import AGAIN_S, Announcer, announcements
from appliance.status import Status

HERE = ("192.168.0.12", "10.0.0.3")


def test_page_and_stream_are_announced_while_they_are_there(tmp_path):
    def told(lan=HERE):
        return announcements("MOFY-2cc5", tmp_path, tmp_path, lan)

    names = {("-a", "-R", "mofy.local", HERE[0]), ("-a", "-R", "mofy-2cc5.local", HERE[0])}
    assert told() == names
    assert told(()) == set()
    reach.tell_page(tmp_path, "http", "0.0.0.0", 8081)
    page = ("-s", "MOFY-2cc5", "_http._tcp", "8081", "path=/")
    assert told() == names | {page}
    status.write(Status("running", time.time(), 1, "0", "walk", "rtsp://127.0.0.1:8554/live"), tmp_path)
    assert told() == names | {page, ("-s", "MOFY-2cc5", "_rtsp._tcp", "8554", "path=/live")}
    status.write(Status("running", time.time() - 60, 1, "0", "walk", "rtsp://127.0.0.1:8554/live"), tmp_path)
    assert told() == names | {page}
    reach.tell_page(tmp_path, "http", "127.0.0.1", 8081)
    assert told() == names


@pytest.fixture
def publisher(tmp_path) -> Path:
    """Notes whom it was started for, and goes on until it is ended; ends by itself for a name that is taken."""
    program = tmp_path / "avahi-publish"
    taken = "case $* in *taken*) exit 1;; esac"
    program.write_text(f'#!/bin/sh\necho "$*" >>{tmp_path}/told\n{taken}\nexec sleep 60\n')
    program.chmod(0o755)
    return program


def test_what_is_true_no_more_is_told_no_more(publisher):
    told = publisher.with_name("told")
    announcer = Announcer(str(publisher))
    announcer.keep({("a", "one"), ("b", "two")})
    announcer.keep({("a", "one"), ("b", "two")})
    end_at = time.monotonic() + 20
    while not (told.exists() and len(told.read_text().splitlines()) == 2) and time.monotonic() < end_at:
        time.sleep(0.05)
    assert sorted(told.read_text().splitlines()) == ["a one", "b two"]
    running = dict(announcer._running)
    announcer.keep({("a", "one")})
    assert running[("b", "two")].poll() is not None
    assert running[("a", "one")].poll() is None
    announcer.close()
    assert running[("a", "one")].poll() is not None


def test_a_name_that_is_taken_is_tried_again_now_and_then(publisher):
    now = 0.0
    told = publisher.with_name("told")
    announcer = Announcer(str(publisher), lambda: now)
    announcer.keep({("taken",)})
    announcer._running[("taken",)].wait(10)
    for _ in range(5):
        announcer.keep({("taken",)})
    assert told.read_text() == "taken\n"
    now = AGAIN_S
    announcer.keep({("taken",)})
    announcer._running[("taken",)].wait(10)
    assert told.read_text() == "taken\ntaken\n"
    announcer.close()


def test_a_machine_without_avahi_goes_on():
    announcer = Announcer("/nowhere/avahi-publish")
    announcer.keep({("a", "one")})
    announcer.keep({("a", "one")})
    announcer.close()

"""What can go wrong, made to happen in the running engine, and what left the box meanwhile, frame by frame.

One engine, started again when it ends, and one viewer serve all these tests. In every picture that ever reached him
red, the stranger, must be covered; green, who is enrolled, comes back when the fault has gone.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from appliance.store import DATABASE, KEY, Store, database
from appliance.throttling import TOO_HOT
from tests.faulty import BOARD, SIZE, WIDER, painted
from tests.mofy_process import CHECKOUT, needs_ffmpeg, needs_gstreamer, seen
from tests.supervised import SHOWN_PX, Supervised, enrol_green
from tests.waiting import PATIENCE_S, slowness

pytestmark = [needs_gstreamer, needs_ffmpeg]

OBEYED_S = 0.15
ON_THE_WAY_S = 0.45
"""Encoder, network and decoder of a busy machine."""

SLATE_S = 1.0
"""So long may a picture stay away before a slate takes its place."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """The engine of all these tests."""
    running = Supervised(tmp_path_factory.mktemp("faults"), "--record", str(tmp_path_factory.mktemp("films")))
    yield running
    running.end()
    assert [picture for picture in running.viewer.seen if picture.leaked] == []


@pytest.fixture
def box(shared: Supervised):
    """The same, running well when a test begins; whatever it brings about, no stranger is bare."""
    shared.well()
    shared.wait_until_shown()
    yield shared
    shared.well()
    assert [picture for picture in shared.viewer.seen if picture.leaked] == []


def test_both_faces_would_be_seen_if_they_were_bare():
    """Proves the other tests' eyes, on the scene as the camera has it."""
    import av

    frame = painted(50, SIZE)
    picture = av.VideoFrame(*SIZE, "yuv420p")
    for plane, pixels in zip(picture.planes, (frame.y, frame.u, frame.v)):
        np.ndarray(pixels.shape, np.uint8, memoryview(plane), 0, (plane.line_size, 1))[:] = pixels
    assert seen(picture).leaked > 1000
    assert seen(picture).shown > 3 * SHOWN_PX
    assert not seen(picture).slate


@pytest.mark.parametrize("order", ["camera freeze", "detector hang", "embedder hang"])
def test_before_all_else_comes_a_slate(box, order):
    """Of a start that is held up, as long as it takes: nothing comes before its faces were looked for."""
    deaths, connections = len(box.deaths), box.viewer.connections
    box.order(order)
    box.process.kill()
    box.wait_for_death(deaths)
    box.viewer.after_connection(connections)
    time.sleep(1)
    assert all(picture.slate for picture in box.viewer.after_connection(connections))
    box.well()
    box.wait_until_shown()


@pytest.mark.parametrize(
    "order",
    ["detector raise", "detector nan", "detector inverted", "detector score", "embedder raise", "embedder nan",
     "embedder zero", "camera raise", "encoder break"],
)  # fmt: skip
def test_a_part_that_fails_ends_the_engine_behind_a_slate_and_it_comes_back(box, order):
    count, said = len(box.deaths), len(box.errors())
    began = box.order(order)
    assert box.wait_for_death(count) == 1
    box.well()
    box.wait_until_shown()
    (line,) = box.errors()[said:]
    assert line.startswith("mofy: ")
    if order != "encoder break":  # nothing can be sent without it
        assert any(picture.slate for picture in box.viewer.since(began))


@pytest.mark.parametrize("part", ["detector", "embedder"])
def test_a_part_that_hangs_is_replaced_by_a_slate_until_it_goes_on(box, part):
    began, connections = box.order(f"{part} hang"), box.viewer.connections
    assert box.viewer.wait_for(lambda picture: picture.slate).at - began < (SLATE_S + ON_THE_WAY_S) * slowness()
    time.sleep(0.5)
    assert box.viewer.seen[-1].slate
    assert box.wait_for_status(lambda now: now.state == "no-picture").tracks == ()
    box.well()
    box.wait_until_shown()
    assert box.viewer.connections == connections, "who watches stays connected"


@pytest.mark.parametrize("order", ["detector many", "embedder dice"])
def test_rubbish_that_could_be_faces_covers_more_not_less(box, order):
    box.order(order)
    box.viewer.wait_for(lambda picture: not picture.slate and picture.shown < SHOWN_PX)
    time.sleep(1.0)
    assert box.process.poll() is None
    box.well()
    box.wait_until_shown()


def test_a_camera_that_freezes_gives_a_slate_and_comes_back(box):
    began, connections = box.order("camera freeze"), box.viewer.connections
    assert box.viewer.wait_for(lambda picture: picture.slate).at - began < (SLATE_S + ON_THE_WAY_S) * slowness()
    box.wait_for_status(lambda now: now.state == "no-picture")
    box.well()
    box.wait_until_shown()
    assert box.viewer.connections == connections, "who watches stays connected"


def test_a_camera_that_changes_its_size_goes_on_covered(box):
    box.order("camera wider")
    box.viewer.wait_for(lambda picture: picture.size == WIDER and picture.shown > SHOWN_PX)
    box.well()
    box.viewer.wait_for(lambda picture: picture.size == SIZE and picture.shown > SHOWN_PX)


def test_killed_it_is_back_within_three_seconds(box):
    count = len(box.deaths)
    killed_at = time.monotonic()
    box.process.kill()
    assert box.wait_for_death(count) == -signal.SIGKILL
    back = box.viewer.wait_for(lambda picture: picture.at > killed_at + 0.3 and not picture.slate)
    assert back.at - killed_at < 3.0 * slowness()


def test_stopped_and_continued_it_obeys_what_was_wished_meanwhile(box):
    os.kill(box.process.pid, signal.SIGSTOP)
    try:
        time.sleep(0.3)
        claim = box.desired.cover_person(box.green, None, "test")
        stopped_until = time.monotonic() + 1.2
        time.sleep(1.2)
    finally:
        os.kill(box.process.pid, signal.SIGCONT)
    box.viewer.wait_for(lambda picture: not picture.slate)
    time.sleep(0.7)
    late = [picture.at - stopped_until for picture in box.viewer.since(stopped_until) if picture.shown > SHOWN_PX]
    assert max(late, default=0.0) < (OBEYED_S + ON_THE_WAY_S) * slowness()
    box.desired.withdraw(claim, "test")


@pytest.mark.parametrize("how", ["removed", "expired", "everyone covered"])
def test_who_may_not_be_shown_any_more_is_covered_within_150_ms(box, how):
    store = Store.open(box.data)
    wished_at = time.monotonic()
    try:
        if how == "removed":
            store.remove("Green", "test")
        elif how == "expired":
            store.change("Green", "test", expires_at=time.time())
        else:
            box.desired.set_setting("mode", "cover-everyone", "test")
        _goes_on_without_green(box, wished_at)
    finally:
        if how == "removed":
            box.green = enrol_green(box.data)
        elif how == "expired":
            store.change("Green", "test", expires_at=float("inf"))
        box.desired.set_setting("mode", "selective", "test")


@pytest.mark.parametrize("harm", ["no key", "rubbish", "no database"])
def test_a_harmed_store_covers_everyone_says_so_and_mends(box, harm):
    path, kept = box.data / (KEY if harm == "no key" else DATABASE), box.data / "kept"
    # What is kept must be all of it: some may still be in the log, which goes with the file it is of.
    database.forget_deleted(box.data / DATABASE)
    os.link(path, kept)
    harmed_at = time.monotonic()
    try:
        if harm != "rubbish":
            path.unlink()
        else:
            (box.data / "new").write_bytes(os.urandom(5000))
            (box.data / "new").replace(path)
        _goes_on_without_green(box, harmed_at)
        assert box.wait_for_status(lambda now: now.faults != ()).shown == 0
    finally:
        kept.replace(path)


def _goes_on_without_green(box: Supervised, since: float) -> None:
    """The picture is live, and nobody in it is bare from that moment on."""
    time.sleep(1.0)
    late = [picture.at - since for picture in box.viewer.since(since) if picture.shown > SHOWN_PX]
    assert max(late, default=0.0) < (OBEYED_S + ON_THE_WAY_S) * slowness()
    # Not the newest one alone: on a busy machine any picture may be late, and then a slate takes its place.
    assert box.viewer.wait_for(lambda picture: not picture.slate).shown <= SHOWN_PX


def test_a_full_disk_leaves_the_picture_as_it_is(box):
    """No file of this process may grow or be made: as on a disk that is full."""
    soft, hard = resource.prlimit(box.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(box.process.pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        box.wait_until_shown()
        began = time.monotonic()
        time.sleep(1.0)
        assert len(box.viewer.since(began)) > 15 / slowness()
        box.wait_until_shown()
    finally:
        resource.prlimit(box.process.pid, resource.RLIMIT_FSIZE, (soft, hard))
    box.wait_for_status(lambda now: abs(now.at - time.time()) < 1)
    assert box.process.poll() is None


def test_a_folder_that_cannot_be_written_is_read(tmp_path):
    """As of a card that the kernel mounted read-only: who is enrolled is shown, and nothing new can be saved."""
    data = tmp_path / "data"
    data.mkdir()
    script = f'mount --bind "{data}" "{data}" && mount -o remount,bind,ro "{data}" && '
    within = ["unshare", "--mount", "sh", "-c", script + 'exec "$@"', "sh"]
    if subprocess.run([*within, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount anything here")
    box = Supervised(tmp_path, within=within)
    try:
        box.wait_until_shown()
        box.wait_for_status(lambda now: now.shown == 1)
        wish = [*within, sys.executable, "-m", "appliance.cli", "set", "mode", "slate", "--data", str(data)]
        told = subprocess.run(wish, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        assert (told.returncode, told.stderr.count("\n")) == (1, 1)
        assert "read-only" in told.stderr
    finally:
        box.end()
    assert not [picture for picture in box.viewer.seen if picture.leaked]


def test_a_clock_that_is_set_brings_nobody_back(box):
    store = Store.open(box.data)
    store.change("Green", "test", expires_at=time.time() + 3600)
    try:
        box.wait_until_shown()
        moved_at = box.order("clock 7200")
        time.sleep(0.8)
        late = [picture.at - moved_at for picture in box.viewer.since(moved_at) if picture.shown > SHOWN_PX]
        assert max(late, default=0.0) < (OBEYED_S + ON_THE_WAY_S) * slowness()
        back_at = box.order("clock -7200") + ON_THE_WAY_S
        time.sleep(1.0)
        assert not [picture for picture in box.viewer.since(back_at) if picture.shown > SHOWN_PX]
        assert any("clock" in fault for fault in box.wait_for_status(lambda now: now.faults != ()).faults)
    finally:
        box.well()
        store.change("Green", "test", expires_at=float("inf"))


def test_a_board_that_slows_itself_down_is_told_of_and_bares_nobody(box):
    cooler = box.folder / BOARD / "sys/class/thermal/cooling_device0"
    cooler.mkdir(parents=True)
    (cooler / "type").write_text("cpufreq-cpu0\n")
    (cooler / "cur_state").write_text("3\n")
    now = box.wait_for_status(lambda now: now.throttled != "")
    assert now.throttled == TOO_HOT
    assert TOO_HOT in now.faults
    box.wait_until_shown()
    (cooler / "cur_state").write_text("0\n")
    assert TOO_HOT not in box.wait_for_status(lambda now: now.throttled == "").faults


def test_overload_slows_the_picture_says_so_and_bares_nobody(box):
    """Others take the processors, and the networks take longer than a frame."""
    # A little nicer than we: the picture is to suffer, not the one who judges it.
    hog = ["nice", "-n", "5", sys.executable, "-c", "while True: pass"]
    hogs = [subprocess.Popen(hog) for _ in range(os.cpu_count() or 1)]
    try:
        before = box.status().dropped
        box.order("detector slow")
        now = box.wait_for_status(lambda now: any("too slow" in fault for fault in now.faults), 40)
        assert (now.state, now.fps < 20) == ("running", True)
        assert now.dropped > before
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()
    assert box.process.poll() is None


def test_what_was_recorded_through_all_this_has_no_stranger(shared):
    from tests.mofy_process import Viewer

    films = sorted(Path(shared._command[shared._command.index("--record") + 1]).iterdir())
    assert films
    for film in films:
        viewer = Viewer(str(film))
        assert viewer.ended.wait(PATIENCE_S)
        assert not [picture for picture in viewer.seen if picture.leaked]

"""The masked stream as real clients get it, while the process is stopped, starved, failed and pulled about."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from tests import listening
from tests.mofy_process import FPS, HEIGHT, WIDTH, Mofy, Viewer, clip, needs_ffmpeg, needs_gstreamer
from tests.rtsp_crowd import Crowd
from tests.waiting import PATIENCE_S, slowness

LIVE555 = "vlc/plugins/access/liblive555_plugin.so"
needs_vlc = pytest.mark.skipif(
    shutil.which("cvlc") is None or not any(Path("/usr/lib").glob(f"*/{LIVE555}")),
    reason="no VLC that speaks RTSP is installed (Debian builds its own without)",
)
pytestmark = [needs_gstreamer, needs_ffmpeg]

SOURCE = ("--source", "test", "--width", "640", "--height", "360", "--style", "solid")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds of one face."""
    return clip(tmp_path_factory.mktemp("film") / "film.mp4", seconds=6)


@pytest.fixture(scope="module")
def looped(film: Path) -> tuple[str, ...]:
    """Options that play the film again and again."""
    return "--source", str(film), "--loop", "--style", "solid"


@pytest.fixture(scope="class")
def shared(tmp_path_factory: pytest.TempPathFactory):
    """A stream of the test picture, for all who only look at it and go."""
    with Mofy(tmp_path_factory.mktemp("shared"), *SOURCE, detector="red") as mofy:
        yield mofy


@pytest.fixture
def own(tmp_path: Path):
    """The same for one test alone."""
    with Mofy(tmp_path / "data", *SOURCE, detector="red") as mofy:
        yield mofy


def ffmpeg(address: str, transport: str, frames: int = 30) -> subprocess.Popen[bytes]:
    command = ["ffmpeg", "-v", "error", "-rtsp_transport", transport, "-i", address]
    return subprocess.Popen([*command, "-frames:v", str(frames), "-f", "null", "-"])


def test_the_films_face_would_be_seen_if_it_leaked(film):
    """Proves the other tests' eyes: bare film is full of what they call a leak."""
    viewer = Viewer(str(film))
    assert viewer.ended.wait(PATIENCE_S)
    assert len(viewer.seen) == 6 * FPS
    assert all(picture.leaked > 1000 and not picture.slate for picture in viewer.seen)


class TestLookingOn:
    """One stream for all of these."""

    def test_ffprobe_sees_a_plain_h264_stream(self, shared):
        shown = subprocess.run(
            ["ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-show_streams", "-of", "json", shared.address],
            capture_output=True, text=True, check=True, timeout=PATIENCE_S,
        )  # fmt: skip
        (stream,) = json.loads(shown.stdout)["streams"]
        assert (stream["codec_name"], stream["width"], stream["height"]) == ("h264", 640, 360)
        assert stream["profile"] == "Constrained Baseline"
        assert stream["has_b_frames"] == 0

    @pytest.mark.parametrize("transport", ["tcp", "udp"])
    def test_ffmpeg_decodes_without_a_fault(self, shared, transport):
        command = ["ffmpeg", "-v", "error", "-rtsp_transport", transport, "-i", shared.address, "-frames:v", "30"]
        run = subprocess.run(
            [*command, "-f", "framemd5", "-"], capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
        assert run.returncode == 0
        assert run.stderr == ""
        assert len([text for text in run.stdout.splitlines() if not text.startswith("#")]) == 30

    def test_pictures_come_evenly_key_frames_whole(self, shared):
        """A key frame sent in two packets of one time makes recorders complain every two seconds."""
        shown = subprocess.run(
            ["ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-show_entries", "packet=pts_time",
             "-read_intervals", "%+5", "-of", "json", shared.address],
            capture_output=True, text=True, timeout=PATIENCE_S, check=True,
        )  # fmt: skip
        times = [float(packet["pts_time"]) for packet in json.loads(shown.stdout)["packets"] if "pts_time" in packet]
        gaps = sorted(b - a for a, b in itertools.pairwise(times[5:]))
        assert len(gaps) > 3 * FPS
        assert gaps[0] > 0
        assert gaps[len(gaps) // 2] == pytest.approx(1 / FPS, abs=0.003)

    @pytest.mark.parametrize("protocol", ["tcp", "udp"])
    def test_gstreamer_decodes(self, shared, protocol):
        launch = f"rtspsrc location={shared.address} protocols={protocol} latency=0 ! rtph264depay ! avdec_h264 ! "
        run = subprocess.run(
            ["gst-launch-1.0", "-q", *launch.split()[:-1], "!", "fakesink", "num-buffers=30"],
            timeout=PATIENCE_S, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr

    def test_a_port_in_use_is_one_line(self, shared, tmp_path):
        port = shared.address.rpartition(":")[2].partition("/")[0]
        second = Mofy(tmp_path / "second", *SOURCE, "--port", port, detector="red")
        assert second.process.wait(20) == 1
        assert port in second.errors()
        assert second.errors().count("\n") == 1


@needs_vlc
@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_vlc_plays_picture_and_sound(tmp_path, transport):
    """VLC refuses to run as root; what it takes in is copied, and looked at here."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o777)
    kept = folder / "kept.ts"
    options = ["-I", "dummy", "--no-color", "--network-caching=300", "--run-time=5", "--sout-keep", "--sout-all"]
    over = ["--rtsp-tcp"] if transport == "tcp" else []
    out = f"--sout=#std{{access=file,mux=ts,dst={kept}}}"
    asuser = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.getuid() == 0 else []
    try:
        with Mofy(tmp_path, "--source", "clap", "--width", "320", "--height", "240", "--sound", "clap") as mofy:
            run = subprocess.run(
                [*asuser, "cvlc", *options, *over, out, mofy.address, "vlc://quit"],
                env={**os.environ, "HOME": str(folder)}, capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
        seen = listening.film(kept)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    assert set(seen.codecs) == {"h264", "aac"}, run.stderr
    assert len(seen.flashes) > 1, run.stderr
    assert len(seen.beeps) > 1
    assert statistics.median(map(abs, seen.errors_ms())) < 40, seen


def test_a_late_client_gets_a_picture_within_a_second(own):
    time.sleep(1.2)  # well into the stretch between two key frames
    viewer = Viewer(own.address)
    first = viewer.wait_for(lambda picture: True)
    assert first.at - viewer.began_at < slowness()


def test_ten_clients_all_get_the_whole_rate(own):
    viewers = [Viewer(own.address) for _ in range(10)]
    for viewer in viewers:
        viewer.wait_for(lambda picture: True)
    begin = [len(viewer.seen) for viewer in viewers]
    time.sleep(2)
    counts = [len(viewer.seen) - count for viewer, count in zip(viewers, begin)]
    share = 0.8 / slowness()
    assert min(counts) > share * max(counts)
    assert max(counts) > share * FPS


def test_a_client_that_stalls_disturbs_nobody(own):
    stalled = ffmpeg(own.address, "tcp", frames=100_000)
    viewer = Viewer(own.address)
    viewer.wait_for(lambda picture: True)
    os.kill(stalled.pid, signal.SIGSTOP)
    try:
        begin = len(viewer.seen)
        time.sleep(4)
        times = [picture.at for picture in viewer.seen[begin:]]
    finally:
        stalled.kill()
        stalled.wait()
    assert len(times) > 3 * FPS / slowness()
    assert max(b - a for a, b in itertools.pairwise(times)) < 0.5 * slowness()


def test_fifty_clients_and_one_that_stalls_do_not_disturb_the_picture(tmp_path):
    options = ("--source", "test", "--width", "160", "--height", "120", "--bitrate", "200")
    with Mofy(tmp_path, *options, detector="blind") as mofy:
        viewer = Viewer(mofy.address)
        viewer.wait_for(lambda picture: True)
        stalled = ffmpeg(mofy.address, "tcp", frames=100_000)
        try:
            time.sleep(0.5)
            stalled.send_signal(signal.SIGSTOP)
            with Crowd(mofy.address, 50) as crowd:
                begin = len(viewer.seen)
                moved = crowd.moved(4)
                times = [picture.at for picture in viewer.seen[begin:]]
                watching = status(tmp_path)["clients"]
        finally:
            stalled.kill()
            stalled.wait()
        assert watching >= 51
        assert min(moved) > max(moved) / 2 > 4_000
        assert len(times) > 2.5 * FPS / slowness()
        assert max(b - a for a, b in itertools.pairwise(times)) < 0.7 * slowness()
        late = Viewer(mofy.address)
        first = late.wait_for(lambda picture: True)
        assert first.at - late.began_at < 1.5 * slowness()


def test_clients_that_are_killed_are_forgotten(own, tmp_path):
    for _ in range(5):
        client = ffmpeg(own.address, "tcp", frames=100_000)
        time.sleep(0.6)
        client.kill()
        client.wait()
    Viewer(own.address).wait_for(lambda picture: True)
    end_at = time.monotonic() + 5
    while (watching := status(tmp_path / "data")["clients"]) != 1 and time.monotonic() < end_at:
        time.sleep(0.1)
    assert watching == 1


def status(data: Path) -> dict:
    return json.loads((data / "mofy" / "status.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_with_clients_connected(own, number):
    viewers = [Viewer(own.address) for _ in range(3)]
    for viewer in viewers:
        viewer.wait_for(lambda picture: True)
    assert own.stop(number) < 2.0 * slowness()
    assert own.process.returncode == 0
    assert own.errors() == ""
    assert all(viewer.ended.wait(6) for viewer in viewers)


def test_no_face_leaves_bare_and_people_are_told_of(looped, tmp_path):
    with Mofy(tmp_path, *looped, detector="red") as mofy:
        viewer = Viewer(mofy.address)
        viewer.wait_for(lambda picture: sum(not one.slate for one in viewer.seen) > 4 * FPS, 60)
        assert status(tmp_path)["covered"] == 1
    assert [picture for picture in viewer.seen if picture.leaked] == []


@pytest.mark.parametrize(
    ("fault", "words"), [("raise", "the picture was stopped: "), ("nan", "the face detector answered nonsense: ")]
)
def test_a_detector_that_fails_ends_the_process_behind_a_slate(looped, tmp_path, fault, words):
    with Mofy(tmp_path, *looped, detector=f"red:{fault}:75") as mofy:
        viewer = Viewer(mofy.address)
        viewer.wait_for(lambda picture: not picture.slate)
        assert mofy.process.wait(15) == 1
        assert mofy.errors().count("\n") == 1
        assert mofy.errors().startswith(f"mofy: {words}")
    assert viewer.ended.wait(6)
    assert [picture for picture in viewer.seen if picture.leaked] == []
    assert viewer.seen[-1].slate
    assert status(tmp_path)["state"] == "failed"


def test_a_detector_that_hangs_is_replaced_by_a_slate(looped, tmp_path):
    with Mofy(tmp_path, *looped, detector="red:hang:75") as mofy:
        viewer = Viewer(mofy.address)
        viewer.wait_for(lambda picture: not picture.slate)
        viewer.wait_for(lambda picture: picture.slate)
        assert not viewer.ended.is_set()
        assert status(tmp_path)["state"] == "no-picture"
        assert mofy.stop() < 2.0 * slowness()
    assert [picture for picture in viewer.seen if picture.leaked] == []


def test_a_file_that_ends_ends_the_run(film, tmp_path):
    record = tmp_path / "masked.mp4"
    options = ("--source", str(film), "--style", "solid", "--record", str(record))
    with Mofy(tmp_path / "data", *options, detector="red") as mofy:
        assert mofy.process.wait(20) == 0
        assert mofy.errors() == ""
    viewer = Viewer(str(record))
    assert viewer.ended.wait(PATIENCE_S)
    pictures = [picture for picture in viewer.seen if not picture.slate]
    assert len(pictures) > 0.75 * 6 * FPS
    assert [picture for picture in viewer.seen if picture.leaked] == []
    assert {picture.size for picture in viewer.seen} == {(WIDTH, HEIGHT)}


def test_a_camera_that_freezes_or_is_lost_gives_a_slate_and_comes_back_at_another_size(looped, tmp_path):
    wider = "--source", str(clip(tmp_path / "wider.mp4", size=(800, 448))), "--loop", "--style", "solid"
    with Mofy(tmp_path / "camera", *looped, "--cover-everyone", detector="blind") as camera:
        port = camera.address.rpartition(":")[2].partition("/")[0]
        with Mofy(tmp_path / "box", "--source", camera.address, "--style", "solid", detector="red") as box:
            viewer = Viewer(box.address)
            viewer.wait_for(lambda picture: not picture.slate)
            os.kill(camera.process.pid, signal.SIGSTOP)
            stopped_at = time.monotonic()
            assert viewer.wait_for(lambda picture: picture.slate).at - stopped_at < 1.5 * slowness()
            os.kill(camera.process.pid, signal.SIGCONT)
            viewer.wait_for(lambda picture: not picture.slate, 15)
            camera.process.kill()
            died_at = time.monotonic()
            slate = viewer.wait_for(lambda picture: picture.slate)
            assert slate.at - died_at < 1.5 * slowness()
            assert not viewer.ended.is_set()
            with Mofy(tmp_path / "camera2", *wider, "--port", port, detector="blind"):
                viewer.wait_for(lambda picture: not picture.slate and picture.size == (800, 448), 15)
            viewer.wait_for(lambda picture: picture.slate)
            assert box.stop() < 2.0 * slowness()
            assert box.process.returncode == 0
    assert not [picture for picture in viewer.seen if picture.leaked]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--source", "nothing.mp4"), "nothing.mp4"),
        (("--source", "/dev/video99"), "/dev/video99"),
        (("--source", "ftp://camera/live"), "only rtsp://"),
        (("--source", __file__), "cannot be read"),
        (("--source", "rtsp://u:secret@127.0.0.1:9/x"), "rtsp://127.0.0.1:9/x"),
        (("--source", "test", "--style", "mosiac"), "did you mean mosaic?"),
        (("--source", "test", "--width", "641"), "camera.width"),
        (("--source", "test", "--address", "192.0.2.1"), "--address"),
        (("--source", "test", "--record", "/nowhere/x.mp4"), "/nowhere/x.mp4"),
        (("--source", "test", "--record", "x.avi"), ".mp4"),
        (("--source", "test", "--record", "/nowhere/films"), "/nowhere/films"),
        (("--source", "test", "--config", "none.toml"), "none.toml"),
    ],
)
def test_what_a_user_gets_wrong_is_one_line_and_nothing_is_served(options, told, tmp_path):
    mofy = Mofy(tmp_path, *options)
    assert mofy.process.wait(20) == 1
    assert mofy.address == ""
    assert mofy.errors().count("\n") == 1
    assert mofy.errors().startswith("mofy: ")
    assert told in mofy.errors()
    assert "secret" not in mofy.errors()


def test_it_ends_after_the_seconds_asked_for(tmp_path):
    began = time.monotonic()
    with Mofy(tmp_path, *SOURCE, "--seconds", "1.5", detector="red") as mofy:
        assert mofy.process.wait(20) == 0
    assert time.monotonic() - began < 6 * slowness()
    assert not (tmp_path / "mofy" / "status.json").exists()

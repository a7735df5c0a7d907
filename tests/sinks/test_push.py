"""Sent on to real servers of each kind, again when they come back; keys are told to nobody; nothing else waits."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import av
import pytest

from appliance import config, sound
from appliance.core.sound import silence
from appliance.errors import ConfigError, SinkError
from appliance.sinks._push_address import told, without_secrets
from appliance.sinks.rtsp import RtspSink
from tests.contracts.test_sinks import CONFIG, masked
from tests.mofy_process import CHECKOUT, needs_ffmpeg, needs_gstreamer
from tests.ports import free_port
from tests.waiting import PATIENCE_S, slowness

pytestmark = [needs_gstreamer, needs_ffmpeg]

SECRETS = ("streamkey", "geheimesWort", "benutzer")


class Sending:
    """A stream of pictures and silence that is sent on, until the block ends."""

    def __init__(self, url: str) -> None:
        encoder = sound.encoder(CONFIG.sound)
        self.sink = RtspSink(CONFIG.rtsp, 30, sound=encoder.format, push_url=url)
        self.worst_s = 0.0
        """The longest that a picture had to wait for the sink."""
        self.faults: set[str] = set()
        self._encoder = encoder
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send, daemon=True)

    def _send(self) -> None:
        picture, began, count = masked(320, 240), time.monotonic(), 0
        while not self._stop.wait(1 / 30):
            now = time.monotonic()
            self.sink.write(replace(picture, captured_at=now))
            self.worst_s = max(self.worst_s, time.monotonic() - now)
            self.faults |= {self.sink.fault or ""}
            while began + count / 50 < now:
                for packet in self._encoder.encode(silence(960), began + count / 50):
                    self.sink.hear(packet)
                count += 1

    def wait_for(self, state: str, timeout_s: float = PATIENCE_S) -> None:
        """Until the sending is on, connecting or lost."""
        end_at = time.monotonic() + timeout_s
        while self.sink.push.partition(",")[0] != state:
            assert time.monotonic() < end_at, (self.sink.push, self.sink.fault)
            time.sleep(0.05)

    def __enter__(self) -> Sending:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        began = time.monotonic()
        self.sink.close()
        assert time.monotonic() - began < 3 * slowness()
        assert [fault for fault in self.faults for secret in SECRETS if secret in fault] == []


def receiver(kind: str, port: int, kept: Path) -> subprocess.Popen[bytes]:
    """A server of this kind, that keeps what it is sent."""
    if kind == "rtsp":
        command = [sys.executable, "-m", "tests.rtsp_recorder", str(port), str(kept)]
        return subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.DEVNULL)
    listening = {
        "rtmp": ["-listen", "1", "-i", f"rtmp://127.0.0.1:{port}/live/streamkey"],
        "srt": ["-i", f"srt://127.0.0.1:{port}?mode=listener&passphrase=geheimesWort"],
    }
    command = ["ffmpeg", "-v", "quiet", "-y", *listening[kind], "-c", "copy", "-flush_packets", "1", str(kept)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)


def codecs(kept: Path) -> set[str]:
    """Codecs of which the film has packets."""
    try:
        with av.open(str(kept)) as film:
            return {packet.stream.codec_context.name for packet in film.demux() if packet.size}
    except (av.FFmpegError, OSError):
        return set()


ADDRESSES = {
    "rtmp": "rtmp://benutzer:geheimesWort@127.0.0.1:{}/live/streamkey",
    "srt": "srt://127.0.0.1:{}?passphrase=geheimesWort&streamid=streamkey",
    "rtsp": "rtsp://benutzer:geheimesWort@127.0.0.1:{}/in/streamkey",
}


@pytest.mark.parametrize("kind", sorted(ADDRESSES))
def test_a_server_that_comes_late_gets_picture_and_sound(kind, tmp_path):
    if kind == "rtsp" and subprocess.run(["gst-inspect-1.0", "rtspclientsink"], capture_output=True).returncode:
        pytest.skip("gstreamer1.0-rtsp is not installed")
    port, kept = free_port(socket.SOCK_DGRAM if kind == "srt" else socket.SOCK_STREAM), tmp_path / "kept.ts"
    with Sending(ADDRESSES[kind].format(port)) as sending:
        sending.wait_for("lost")
        assert sending.sink.push == f"lost, {kind}://127.0.0.1:{port}"
        server = receiver(kind, port, kept)
        try:
            sending.wait_for("on")
            end_at = time.monotonic() + PATIENCE_S
            while codecs(kept) != {"h264", "aac"}:
                assert time.monotonic() < end_at, codecs(kept)
                time.sleep(0.2)
            assert sending.sink.fault is None
            assert sending.sink.clients == 0
        finally:
            server.kill()
            server.wait()
        sending.wait_for("lost")
        assert sending.worst_s < 0.25 * slowness()


def test_a_server_that_stalls_holds_nobody_up(tmp_path):
    port = free_port()
    server = receiver("rtmp", port, tmp_path / "kept.flv")
    time.sleep(0.5)
    with Sending(ADDRESSES["rtmp"].format(port)) as sending:
        sending.wait_for("on")
        server.send_signal(signal.SIGSTOP)
        try:
            time.sleep(3)
            assert sending.worst_s < 0.25 * slowness()
        finally:
            server.kill()
            server.wait()


@pytest.mark.parametrize(
    "url", ["http://host/x/streamkey", "rtmp:///streamkey", "streamkey", "srt://?streamid=streamkey"]
)
def test_what_is_no_address_is_refused_without_being_told(url):
    with pytest.raises(ConfigError, match=r"push\.url") as refused:
        config.load(changes={"push": {"url": url}})
    assert "streamkey" not in str(refused.value)
    assert "streamkey" not in repr(config.load(changes={"push": {"url": "rtmp://host/streamkey"}}))


def test_rtmp_carries_no_opus():
    options = CONFIG.sound.model_copy(update={"codec": "opus"})
    with pytest.raises(SinkError, match="aac") as refused:
        RtspSink(CONFIG.rtsp, 30, sound=sound.encoder(options).format, push_url="rtmp://host/live/streamkey")
    assert "streamkey" not in str(refused.value)


@pytest.mark.parametrize("url", [url.format(1) for url in ADDRESSES.values()])
def test_words_lose_their_secrets_and_nothing_else(url):
    said = f"cannot open {url}: benutzer was refused (geheimesWort) at /live/streamkey, after some time living"
    left = without_secrets(said, url)
    assert not [secret for secret in SECRETS if secret in url and secret in left]
    assert "after some time living" in left
    assert told(url) in left

"""Password, encryption and the small stream, as real clients meet them."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import ssl
import stat
import subprocess
from pathlib import Path

import pytest

from tests.mofy_process import Mofy, Viewer, clip, needs_ffmpeg, needs_gstreamer
from tests.waiting import PATIENCE_S, slowness

pytestmark = [needs_gstreamer, needs_ffmpeg]

SOURCE = ("--source", "test", "--width", "1280", "--height", "720", "--style", "solid")
SMALL = ("--source", "test", "--width", "320", "--height", "180", "--style", "solid")


def asked(address: str, transport: str = "tcp", *, certificate: Path | None = None):
    """What ffprobe says of a stream."""
    check = ["-tls_verify", "1", "-ca_file", str(certificate)] if certificate else []
    return subprocess.run(
        ["ffprobe", "-v", "error", "-rtsp_transport", transport, *check, "-show_streams", "-of", "json", address],
        capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip


def stream(address: str, transport: str = "tcp") -> dict:
    shown = asked(address, transport)
    assert shown.returncode == 0, shown.stderr
    (only,) = json.loads(shown.stdout)["streams"]
    return only


def with_login(address: str, user: str, password: str) -> str:
    scheme, _, place = address.partition("://")
    return f"{scheme}://{user}:{password}@{place}"


def password(data: Path) -> str:
    return (data / "rtsp-password").read_text(encoding="utf-8").strip()


def test_the_small_stream_is_live_covered_and_slow(tmp_path):
    film = clip(tmp_path / "film.mp4", seconds=6, size=(1280, 720))
    with Mofy(tmp_path, "--source", str(film), "--loop", "--style", "solid", detector="red") as mofy:
        viewer = Viewer(mofy.address.replace("/live", "/preview"))
        viewer.wait_for(lambda picture: not picture.slate)
        begin = len(viewer.seen)
        late = viewer.wait_for(lambda picture: picture.at > viewer.seen[begin - 1].at + 3)
        rate = (len(viewer.seen) - begin) / (late.at - viewer.seen[begin - 1].at)
        assert 3.5 < rate < 6.5
        assert viewer.seen[-1].size == (640, 360)
        second = Viewer(mofy.address.replace("/live", "/preview"))
        first = second.wait_for(lambda picture: True)
        assert first.at - second.began_at < 2.0 * slowness()
    assert not [picture for picture in viewer.seen if picture.leaked]


def spoken_plainly(address: str) -> socket.socket:
    """A client that does not encrypt, and waits for an answer."""
    client = socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2].partition("/")[0])), 5)
    client.sendall(f"OPTIONS {address} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
    return client


def heard(client: socket.socket) -> bytes:
    client.settimeout(0.2)
    with client, contextlib.suppress(OSError):
        return client.recv(4096)
    return b""


def test_an_encrypted_stream_with_a_made_certificate(tmp_path):
    with Mofy(tmp_path, *SMALL, "--tls", "--authentication", "on", "--profile", "main", detector="red") as mofy:
        assert mofy.address.startswith("rtsps://")
        certificate = tmp_path / "rtsp-certificate.pem"
        assert stat.S_IMODE(certificate.stat().st_mode) == 0o600
        address = with_login(mofy.address, "mofy", password(tmp_path))
        assert stream(address)["profile"] == "Main"
        assert asked(mofy.address).returncode != 0
        plain = [spoken_plainly(mofy.address) for _ in range(12)]
        assert stream(address)["codec_name"] == "h264", "who never ends his greeting holds up nobody"
        assert [heard(client) for client in plain] == [b""] * 12
        assert asked(address, certificate=certificate).returncode == 0
        launch = f"rtspsrc location={address} tls-validation-flags=0 latency=0 ! rtph264depay ! avdec_h264 ! fakesink"
        run = subprocess.run(
            ["gst-launch-1.0", "-q", *launch.split(), "num-buffers=30"],
            timeout=PATIENCE_S, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        before = certificate.read_bytes()
    with Mofy(tmp_path, *SMALL, "--tls", detector="red") as mofy:
        assert certificate.read_bytes() == before
        assert stream(mofy.address)["codec_name"] == "h264"
        port = int(mofy.address.rpartition(":")[2].partition("/")[0])
        context = ssl.create_default_context(cafile=str(certificate))
        with (
            socket.create_connection(("127.0.0.1", port), 5) as open_to_all,
            context.wrap_socket(open_to_all, server_hostname="127.0.0.1") as secure,
        ):
            request = f"SETUP {mofy.address}/stream=0 RTSP/1.0\r\nCSeq: 1\r\n"
            secure.sendall(f"{request}Transport: RTP/AVP;unicast;client_port=5000-5001\r\n\r\n".encode())
            assert secure.recv(4096).decode().split()[1] == "461", "in the clear beside it: never"


def test_options_of_the_encoder_reach_it(tmp_path):
    options = ("--bitrate", "600", "--keyframe", "0.5")
    with Mofy(tmp_path, *SMALL, *options, detector="red") as mofy:
        shown = subprocess.run(
            ["ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-show_entries", "packet=flags,pts_time",
             "-read_intervals", "%+4", "-of", "json", mofy.address],
            capture_output=True, text=True, timeout=PATIENCE_S, check=True,
        )  # fmt: skip
    packets = json.loads(shown.stdout)["packets"]
    keys = [float(packet["pts_time"]) for packet in packets if "K" in packet["flags"] and "pts_time" in packet]
    assert max(b - a for a, b in itertools.pairwise(keys[1:])) < 0.7


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", "비밀".encode()])
def test_a_password_file_that_is_none_is_one_line(tmp_path, content):
    (tmp_path / "rtsp-password").write_bytes(content)
    mofy = Mofy(tmp_path, *SMALL, "--authentication", "on", detector="red")
    assert mofy.process.wait(20) == 1
    assert mofy.errors().count("\n") == 1
    assert "rtsp-password" in mofy.errors()


def test_a_certificate_that_is_none_is_one_line(tmp_path):
    (tmp_path / "mofy.toml").write_text('[rtsp]\ntls = true\ncertificate = "none.pem"\n', encoding="utf-8")
    mofy = Mofy(tmp_path, *SMALL, "--config", str(tmp_path / "mofy.toml"), detector="red")
    assert mofy.process.wait(20) == 1
    assert mofy.errors().count("\n") == 1
    assert "none.pem" in mofy.errors()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """(process, data folder) of a stream with a password, for the tests from here on: it is a load to others."""
    data = tmp_path_factory.mktemp("guarded")
    with Mofy(data, *SOURCE, "--authentication", "on", detector="red") as mofy:
        yield mofy, data


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("path", ["/live", "/preview"])
def test_the_right_password_opens_both_streams_and_nothing_else_does(guarded, path, transport):
    mofy, data = guarded
    address = mofy.address.replace("/live", path)
    right = stream(with_login(address, "mofy", password(data)), transport)
    assert (right["width"], right["height"]) == ((1280, 720) if path == "/live" else (640, 360))
    assert right["profile"] == "Constrained Baseline"
    for wrong in (
        address, with_login(address, "mofy", "wrong"), with_login(address, "root", password(data)),
        with_login(address, "mofy", ""),
    ):  # fmt: skip
        refused = asked(wrong, transport)
        assert refused.returncode != 0
        assert "401" in refused.stderr


def test_the_password_is_its_owners_alone_and_told_to_no_log(guarded):
    mofy, data = guarded
    assert stat.S_IMODE((data / "rtsp-password").stat().st_mode) == 0o600
    assert len(password(data)) >= 43
    report = (data / "mofy" / "status.json").read_text(encoding="utf-8")
    assert password(data) not in mofy.said() + mofy.errors() + report
    assert "rtsp-password" in mofy.said()


def test_without_a_login_a_client_is_answered_not_fed(guarded):
    """Every request that could begin a stream, spoken by hand."""
    mofy, _ = guarded
    port = int(mofy.address.rpartition(":")[2].partition("/")[0])
    for method, more in (
        ("DESCRIBE", "Accept: application/sdp\r\n"),
        ("SETUP", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"),
        ("PLAY", "Session: 1\r\n"),
        ("ANNOUNCE", "Content-Type: application/sdp\r\nContent-Length: 0\r\n"),
    ):
        with socket.create_connection(("127.0.0.1", port), 5) as client:
            place = f"{mofy.address}/stream=0" if method == "SETUP" else mofy.address
            client.sendall(f"{method} {place} RTSP/1.0\r\nCSeq: 1\r\n{more}\r\n".encode())
            answer = client.recv(4096).decode()
        assert answer.split()[1] in ("401", "454", "405", "501", "400"), (method, answer)
        assert "200" not in answer.splitlines()[0]

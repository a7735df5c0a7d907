"""What phones are told in the box's own Wi-Fi, by a real dnsmasq with our drop-in."""

from __future__ import annotations

import shutil
import socket
import struct
import subprocess
import time
from pathlib import Path

import pytest

from appliance.network.profiles import OWN_ADDRESS
from tests.ports import free_port

DROP_IN = Path(__file__).resolve().parents[2] / "systemd/mofy.dnsmasq.conf"
DNSMASQ = shutil.which("dnsmasq") or shutil.which("dnsmasq", path="/usr/sbin")
A, AAAA, HTTPS = 1, 28, 65


@pytest.fixture
def port():
    """Of a dnsmasq on this machine, started as NetworkManager does."""
    if DNSMASQ is None:
        pytest.skip("dnsmasq is not installed")
    port = free_port(socket.SOCK_DGRAM)
    options = ("--no-hosts", "--keep-in-foreground", "--bind-interfaces", "--strict-order", "--pid-file=", "--user=")
    running = subprocess.Popen(
        [DNSMASQ, f"--conf-file={DROP_IN}", *options, f"--port={port}", "--listen-address=127.0.0.1"]
    )
    yield port
    running.terminate()
    running.wait(10)


def asked(port: int, name: str, kind: int) -> tuple[int, list[str]]:
    """(response code, addresses)."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    question = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", kind, 1)
    end_at = time.monotonic() + 20
    while time.monotonic() < end_at:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.settimeout(2)
            asker.connect(("127.0.0.1", port))
            try:
                asker.send(question)
                answer = asker.recv(512)
            except OSError:  # it is not there yet
                time.sleep(0.1)
                continue
        count = struct.unpack(">H", answer[6:8])[0]
        return answer[3] & 15, [socket.inet_ntoa(answer[-4:])] if count == 1 else []
    raise AssertionError("no answer")


def test_every_name_is_the_box_and_nobody_waits(port):
    for name in ("connectivitycheck.gstatic.com", "mofy.local", "a.b"):
        assert asked(port, name, A) == (0, [OWN_ADDRESS])
    for kind in (AAAA, HTTPS):
        assert asked(port, "captive.apple.com", kind) == (0, [])

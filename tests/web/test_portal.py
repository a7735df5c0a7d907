"""Port 80 of the box's own network, over a socket that was opened by somebody else, as systemd does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

SERVE = """
import os, sys, threading
os.environ["LISTEN_PID"] = str(os.getpid())
from pathlib import Path
from appliance import control
built = control.build(control.Run(Path(sys.argv[1]), "0.0.0.0", 0))
print(built.address, flush=True)
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
built.run(stop)
"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    """(address of the portal, port of the page)."""
    door = socket.create_server(("127.0.0.1", 0))
    environment = {**os.environ, "LISTEN_FDS": "1", "LISTEN_FDNAMES": "portal"}

    def hand_over() -> None:
        os.dup2(door.fileno(), 3)

    data = tmp_path_factory.mktemp("data")
    running = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(data)], env=environment, preexec_fn=hand_over, pass_fds=(3,),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    address = running.stdout.readline().strip()
    yield f"http://127.0.0.1:{door.getsockname()[1]}", address.rstrip("/").rpartition(":")[2]
    running.communicate(timeout=20)
    door.close()


class Stay(urllib.request.HTTPRedirectHandler):
    """Looks where it would be led to."""

    def redirect_request(self, *given: object) -> None:
        return None


@pytest.mark.parametrize("path", ["/generate_204", "/hotspot-detect.html", "/", "/connecttest.txt?a=b"])
def test_whatever_a_phone_asks_leads_to_the_page(portal, path):
    address, port = portal
    with pytest.raises(urllib.error.HTTPError) as led:
        urllib.request.build_opener(Stay).open(address + path, timeout=10)
    with led.value as answer:
        assert (answer.code, answer.headers["Location"]) == (302, f"http://127.0.0.1:{port}/")
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_page_is_there_and_takes_the_address(portal):
    with urllib.request.urlopen(portal[0], timeout=10) as answer:
        assert answer.url.endswith("/login")
        assert "PIN" in answer.read().decode()


def test_nothing_is_taken_in(portal):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(portal[0], b"x" * 1000, timeout=10)
    refused.value.close()
    assert refused.value.code in (302, 413)

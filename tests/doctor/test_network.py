"""The stream's port and address, and the network itself."""

from __future__ import annotations

import socket

from appliance import reach
from tests.doctor.conftest import engine, found, only, site_of
from tests.mofy_process import needs_gstreamer
from tests.ports import free_port

pytestmark = needs_gstreamer


def test_a_port_that_somebody_has(box):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        stream = found(site_of(box, rtsp={"address": "127.0.0.1", "port": port}), "network")[1]
        assert (stream.level, str(port) in stream.says) == ("wrong", True)
        page = only(site_of(box, page={"address": "127.0.0.1", "port": port}), "page")
        assert page.level == "wrong"


def test_an_address_that_is_not_this_machines(box):
    assert found(site_of(box, rtsp={"address": "203.0.113.9", "port": 0}), "network")[1].level == "wrong"


def test_no_network_at_all(box, monkeypatch):
    monkeypatch.setattr(reach, "lan_addresses", tuple)
    assert found(site_of(box), "network")[0].level == "warning"


def test_the_engines_stream_is_asked(box):
    site = site_of(box)
    with socket.create_server(("127.0.0.1", port := free_port())):
        engine(site, address=f"rtsp://127.0.0.1:{port}/live")
        assert found(site, "network")[1].level == "ok"
    assert found(site, "network")[1].level == "wrong"

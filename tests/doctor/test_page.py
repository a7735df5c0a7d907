"""The page is asked, and its answer judged."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest

from appliance import reach
from tests.doctor.conftest import engine, only, site_of
from tests.ports import free_port


def answering(words: bytes) -> int:
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with server, contextlib.suppress(OSError):
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(words)

    threading.Thread(target=serve, daemon=True).start()
    return server.getsockname()[1]


@pytest.mark.parametrize(
    ("words", "level"),
    [
        (b"HTTP/1.0 302 Found\r\n\r\n", "ok"),
        (b"HTTP/1.0 500 Oh\r\n\r\n", "wrong"),
        (b"", "wrong"),
        (b"SSH-2.0\r\n", "wrong"),
    ],
)
def test_what_it_answers(box, words, level):
    site = site_of(box)
    reach.tell_page(site.data, "http", "127.0.0.1", answering(words))
    assert only(site, "page").level == level


def test_one_that_ended_without_a_word(box):
    site = site_of(box)
    reach.tell_page(site.data, "https", "0.0.0.0", free_port())
    assert only(site, "page").level == "wrong"


def test_none_beside_a_running_engine(box):
    site = site_of(box)
    engine(site)
    assert only(site, "page").level == "warning"

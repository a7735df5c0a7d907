"""Bytes on the wire: encrypted if wished, long requests from strangers refused at their head, a thousand at once."""

import contextlib
import hashlib
import http.client
import json
import socket
import ssl
import threading
import time
from collections import Counter
from urllib.parse import urlsplit

import pytest

from appliance import control
from appliance.errors import ConfigError
from appliance.store.tokens import Tokens
from tests.page_visitor import PageVisitor
from tests.waiting import slowness
from tests.web.conftest import cookie
from web import ledger

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


def serving(folder, **options):
    """A page that is served; call the second to end it."""
    built = control.build(control.Run(folder / "data", port=0, **options))
    stop = threading.Event()
    thread = threading.Thread(target=built.run, args=(stop,))
    thread.start()

    def end() -> None:
        stop.set()
        thread.join(5)

    return built, end


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "run"))


@pytest.fixture
def plain(runtime, tmp_path):
    built, end = serving(tmp_path)
    yield built
    end()


@pytest.fixture
def encrypted(runtime, tmp_path):
    built, end = serving(tmp_path, tls=True)
    yield built
    end()


def said(address: str, head: bytes, wait_s: float = 5.0) -> bytes:
    """The first of an answer to raw bytes."""
    where = urlsplit(address)
    with socket.create_connection((where.hostname, where.port), timeout=wait_s) as line:
        line.sendall(head)
        try:
            return line.recv(4096)
        except OSError:  # silence, or a line that was cut
            return b""


def head(length: str, extra: str = "") -> bytes:
    return f"POST /login HTTP/1.1\r\nHost: localhost\r\n{length}\r\n{extra}\r\n".encode()


def test_a_stranger_who_wants_to_send_much_is_refused_at_once(plain):
    assert b" 413 " in said(plain.address, head("Content-Length: 90000000"))
    assert said(plain.address, head("Content-Length: 900"), 0.7) == b"", "a form is waited for"


def test_pieces_without_a_length_are_refused_when_they_become_much(plain):
    piece = b"%x\r\n%s\r\n" % (40_000, b"x" * 40_000)
    assert b" 413 " in said(plain.address, head("Transfer-Encoding: chunked") + piece * 3)


def test_rubbish_for_a_cookie_opens_nothing(plain):
    for told in ("mofy=x", "mofy=\xff", "mofy=eyJyb2xlIjoib3BlcmF0b3IifQ.a.b"):
        assert b" 413 " in said(plain.address, head("Content-Length: 90000000", f"Cookie: {told}\r\n"))


def test_an_operator_may_send_much(plain, tmp_path):
    mark = cookie(tmp_path / "data")
    assert said(plain.address, head("Content-Length: 90000000", f"Cookie: mofy={mark}\r\n"), 0.7) == b""


def test_a_program_may_send_much_to_the_api_and_only_there(plain, tmp_path):
    token = Tokens(tmp_path / "data").make("x", "test")
    much = "Content-Length: 9000000"
    bearer = f"Authorization: Bearer {token}\r\n"
    content = head(much, bearer).replace(b"POST /login", b"PUT /api/v1/jobs/0123456789abcdef/content")
    assert said(plain.address, content, 0.7) == b"", "it is waited for"
    assert b" 413 " in said(plain.address, content.replace(token.encode(), b"mofy_x"))
    assert b" 413 " in said(plain.address, head(much, bearer))


def test_a_guest_may_send_a_photo_and_nothing_else(plain, tmp_path):
    data = tmp_path / "data"
    with ledger.writing(data) as db:
        db.execute("INSERT INTO links VALUES ('g', 0, 0, ?, NULL)", [time.time()])
    extra = f"Cookie: mofy={cookie(data, 'guest', 'g')}\r\n"
    photos = head("Content-Length: 9000000", extra).replace(b"/login", b"/enrol/x/photos")
    assert said(plain.address, photos, 0.7) == b""
    assert b" 413 " in said(plain.address, photos.replace(b"9000000", b"900000000"))
    assert b" 413 " in said(plain.address, head("Content-Length: 9000000", extra))


def test_a_stranger_with_all_the_connections_keeps_nobody_out(plain):
    """Each says a little now and then, so that none is silent."""
    where = urlsplit(plain.address)
    slow = [socket.create_connection((where.hostname, where.port), timeout=5) for _ in range(control.MOST_CONNECTIONS)]
    try:
        for line in slow:
            with contextlib.suppress(OSError):
                line.sendall(b"GET /login HTTP/1.1\r\nHost: localhost\r\nX: ")
        assert b" 503 " in said(plain.address, b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"), "no engine"
    finally:
        for line in slow:
            line.close()


def test_the_page_is_encrypted_and_its_fingerprint_told(encrypted):
    assert encrypted.address.startswith("https://")
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    where = urlsplit(encrypted.address)
    with socket.create_connection((where.hostname, where.port)) as line, trusting.wrap_socket(line) as secret:
        told = hashlib.sha256(secret.getpeercert(binary_form=True)).hexdigest().upper()
    assert encrypted.fingerprint.replace(":", "") == told


def test_a_visit_over_https(encrypted, tmp_path):
    visitor = PageVisitor(encrypted.address, tmp_path / "data")
    assert json.loads(visitor.get("status.json"))["status"] is None
    assert len(visitor.get("static/mofy.css")) > 4000


def test_large_things_come_through_encrypted_lines(encrypted, tmp_path):
    """More than fits into any buffer on the way, both ways, on several lines at once."""
    data = tmp_path / "data"
    mark = cookie(data)
    trusting = ssl._create_unverified_context()
    answers: list[int] = []

    def send() -> None:
        line = http.client.HTTPSConnection(urlsplit(encrypted.address).netloc, timeout=20, context=trusting)
        line.request("POST", "/enrol", b"x" * 3_000_000, {"Cookie": f"mofy={mark}", "Host": "localhost"})
        answers.append(line.getresponse().status)
        line.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [413] * 6, "whole requests, which the view then finds too large"


def test_plain_words_to_an_encrypted_page_harm_nothing(encrypted, tmp_path):
    said(encrypted.address, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 1)
    said(encrypted.address, b"\x16\x03\x01\xff\xff" + b"\x00" * 500, 1)
    assert "MOFY" in PageVisitor(encrypted.address, tmp_path / "data").get("people")


def test_idle_handshakes_do_not_hold_the_page_up(encrypted, tmp_path):
    where = urlsplit(encrypted.address)
    idle = [socket.create_connection((where.hostname, where.port)) for _ in range(30)]
    try:
        began = time.monotonic()
        PageVisitor(encrypted.address, tmp_path / "data")
        assert time.monotonic() - began < 5 * slowness()
    finally:
        for line in idle:
            line.close()


def test_a_certificate_that_is_none_is_said(runtime, tmp_path):
    (tmp_path / "cert.pem").write_text("no certificate")
    with pytest.raises(ConfigError, match="PEM file"):
        control.build(control.Run(tmp_path / "data", port=0, tls=True, certificate=tmp_path / "cert.pem"))


def test_a_thousand_requests_at_once(plain):
    """Each gets an answer, and the page lives."""
    where, codes = urlsplit(plain.address).netloc, Counter()

    def ask() -> None:
        line = http.client.HTTPConnection(where, timeout=60)
        for path in ("/login", "/people", "/status.json", "/guest/none", "/nothing") * 4:
            line.request("GET", path, headers={"Host": "localhost"})
            answer = line.getresponse()
            answer.read()
            codes[answer.status] += 1
        line.close()

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sum(codes.values()) == 1000
    assert set(codes) <= {200, 303, 401, 410, 429}, codes
    assert b" 503 " in said(plain.address, b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"), (
        "no engine, but an answer"
    )

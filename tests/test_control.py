"""The second process: alone on this machine, ready when it says so, gone when it is told to, wherever its data lies."""

import http.client
import socket
import stat
import threading
import time
from urllib.parse import urlsplit

import pytest

from appliance import control
from appliance.errors import MofyError
from tests.waiting import PATIENCE_S, slowness


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "run"))


@pytest.fixture
def serving(runtime, tmp_path):
    """A running page's address."""
    built = control.build(control.Run(tmp_path / "data", port=0))
    stop = threading.Event()
    thread = threading.Thread(target=built.run, args=(stop,))
    thread.start()
    yield built.address
    stop.set()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()


def asked(address: str, path: str = "/", method: str = "GET", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer
    finally:
        connection.close()


def test_the_page_answers(serving):
    answer = asked(serving, "/login")
    assert answer.status == 200
    assert "Server" not in answer.headers


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "localhost"])
def test_addresses_of_this_machine(address, runtime, tmp_path):
    try:
        socket.getaddrinfo(address, 0)
    except OSError as error:
        pytest.skip(f"this machine cannot resolve {address}: {error}")
    built = control.build(control.Run(tmp_path, address, 0))
    try:
        assert built.address.startswith(("http://127.0.0.1:", "http://[::1]:"))
    finally:
        built.close()
        built.close()


@pytest.mark.parametrize("address", ["", " ", "mofy.invalid", "300.0.0.1", "192.0.2.1", "0.0.0.0:8080"])
def test_an_address_that_is_not_this_machines_is_said(address, runtime, tmp_path):
    with pytest.raises(MofyError, match=r"cannot listen on") as refused:
        control.build(control.Run(tmp_path / "data", address, 0))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("address", ["0.0.0.0", "::"])
def test_with_its_login_it_may_listen_to_the_network(address, runtime, tmp_path):
    built = control.build(control.Run(tmp_path / "data", address, 0))
    try:
        assert not built.address.startswith(("http://0.0.0.0", "http://[::]"))
    finally:
        built.close()


def test_a_port_in_use_is_said(runtime, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(MofyError, match=rf"port {port} .*in use.*choose another"):
            control.build(control.Run(tmp_path, port=port))


def test_cookies_outlive_a_restart(tmp_path):
    folder = tmp_path / "new"
    key = control.page_key(folder)
    assert control.page_key(folder) == key
    assert stat.S_IMODE((folder / control.PAGE_KEY).stat().st_mode) == 0o600


@pytest.mark.parametrize("held", [b"", b"short", b"x" * 33])
def test_a_damaged_key_is_replaced_for_this_run(tmp_path, held):
    (tmp_path / control.PAGE_KEY).write_bytes(held)
    assert len(control.page_key(tmp_path)) == 32
    assert control.page_key(tmp_path) != control.page_key(tmp_path)


def test_where_nothing_can_be_kept_the_page_still_works(tmp_path):
    (tmp_path / "file").write_text("no folder")
    assert len(control.page_key(tmp_path / "file")) == 32


def test_readiness_is_told(serving_at, monkeypatch, runtime, tmp_path):
    said = serving_at
    built = control.build(control.Run(tmp_path / "data", port=0))
    stop = threading.Event()
    stop.set()
    built.run(stop)
    assert [said.recv(64), said.recv(64)] == [b"READY=1", b"STOPPING=1"]


@pytest.fixture
def serving_at(tmp_path, monkeypatch):
    """Where systemd would listen."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(2)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield heard


RUBBISH = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /%ff%fe HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: mofy=" + b"\xff" * 999 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Language: ;;;q=\r\n\r\n",
    b"POST /mode HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
    b"POST /mode HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /mode HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data\r\nContent-Length: 3\r\n\r\n---",
    b"A" * 400_000,
]


@pytest.mark.parametrize("rubbish", RUBBISH, ids=range(len(RUBBISH)))
def test_rubbish_harms_nothing(serving, rubbish):
    where = urlsplit(serving)
    with socket.create_connection((where.hostname, where.port), timeout=5) as line:
        try:
            line.sendall(rubbish)
            line.shutdown(socket.SHUT_WR)
            said = line.recv(4096)
        except OSError:
            said = b""
    assert b" 500 " not in said.partition(b"\r\n")[0]
    assert asked(serving, "/login").status == 200


def test_connections_that_say_nothing_do_not_keep_others_out(serving):
    where = urlsplit(serving)
    idle = [socket.create_connection((where.hostname, where.port)) for _ in range(40)]
    try:
        for line in idle:
            line.sendall(b"GET / HTTP/1.1\r\nHost: lo")
        began = time.monotonic()
        assert asked(serving, "/health").status == 503
        assert time.monotonic() - began < 2 * slowness()
    finally:
        for line in idle:
            line.close()


def test_many_at_once_are_all_answered(serving):
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(asked(serving, "/login").status)) for _ in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    assert answers == [200] * 60


def ended_at_once(built: control.Control) -> None:
    stop = threading.Event()
    stop.set()
    built.run(stop)


def test_with_a_broker_named_an_agent_stands_beside_the_page(runtime, tmp_path):
    from appliance import config

    def beside(broker: str) -> list[str]:
        options = config.load(changes={"mqtt": {"broker": broker}})
        built = control.build(control.Run(tmp_path / "data", port=0, config=options))
        ended_at_once(built)
        return [type(one).__module__ for one in built.beside]

    assert "appliance.mqtt.agent" not in beside("")
    assert "appliance.mqtt.agent" in beside("127.0.0.1")


def test_an_agent_that_cannot_be_had_leaves_the_page(runtime, tmp_path, caplog):
    from appliance import config

    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "box-id").write_text("not an id!\n")
    options = config.load(changes={"mqtt": {"broker": "127.0.0.1"}})
    ended_at_once(control.build(control.Run(tmp_path / "data", port=0, config=options)))
    assert "box-id" in caplog.text

"""A connection against a real broker: let in, kept out, cut off and back again."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest

from appliance.mqtt import connection as module
from appliance.mqtt import retries
from appliance.mqtt.broker import Broker
from appliance.mqtt.connection import Connection
from appliance.mqtt.message import Message
from tests.mosquitto import Mosquitto, needs_mosquitto
from tests.ports import free_port
from tests.waiting import PATIENCE_S, awaited

pytestmark = needs_mosquitto


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory):
    with Mosquitto(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture
def connect():
    """Makes connections that are closed at the end; each has a list of what it received."""
    made = []

    def make(port: int, name: str = "one", topics=("a/#",), **options):
        got: list[Message] = []
        options = {"broker": Broker("127.0.0.1", port), **options}
        one = Connection(client_id=name, topics=topics, receive=got.append, **options)
        one.start()
        made.append(one)
        return one, got

    yield make
    for one in made:
        one.close()


def test_messages_go_and_come_with_where_to_answer(mosquitto, connect):
    one, got = connect(mosquitto.port)
    two, _ = connect(mosquitto.port, "two")
    assert one.wait(PATIENCE_S)
    assert two.wait(PATIENCE_S)
    assert one.modern
    assert two.send(Message("a/b", b"hello", response="answers/here", correlation=b"\x00\xff", expiry_s=9))
    (came,) = awaited(lambda: got)
    assert (came.topic, came.payload, came.response, came.correlation) == ("a/b", b"hello", "answers/here", b"\0\xff")
    assert not came.retain
    assert one.fault is None


def test_many_threads_may_send_at_once(mosquitto, connect):
    one, got = connect(mosquitto.port, topics=("many/#",))
    two, _ = connect(mosquitto.port, "two")
    assert one.wait(PATIENCE_S)
    assert two.wait(PATIENCE_S)

    def send(k: int) -> None:
        for i in range(40):
            assert two.send(Message(f"many/{k}", str(i).encode()))

    threads = [threading.Thread(target=send, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    awaited(lambda: len(got) >= 160)
    for k in range(4):
        assert [int(m.payload) for m in got if m.topic == f"many/{k}"] == list(range(40))


def test_what_is_sent_while_it_is_away_comes_later_and_in_order(tmp_path, connect, monkeypatch):
    monkeypatch.setattr(retries, "BACK_OFF_S", (0.2,))
    with Mosquitto(tmp_path) as broker:
        one, got = connect(broker.port, "sleeper")
        two, got_two = connect(broker.port, "sender", topics=("b/#",))
        assert one.wait(PATIENCE_S)
        assert two.wait(PATIENCE_S)
        one.close()
        for number in range(3):
            assert two.send(Message("a/x", str(number).encode()))
        broker.stop()  # killed, it might lose what it had not written yet
        awaited(lambda: not two.connected)
        assert two.fault is not None
        assert two.send(Message("b/later", b"kept")), "QoS 1 waits for the broker"
        assert not two.send(Message("b/never", b"lost", qos=0))
        broker.start()
        awaited(lambda: two.connected)
        again, late = connect(broker.port, "sleeper")
        assert again.wait(PATIENCE_S)
        awaited(lambda: len({message.payload for message in late}) == 3)
        # At least once: what the broker had not acknowledged as it ended is sent again.
        assert list(dict.fromkeys(message.payload for message in late)) == [b"0", b"1", b"2"]
        awaited(lambda: [message.topic for message in got_two] == ["b/later"])
        assert got == []


def test_its_last_will_is_known_when_it_goes_and_a_farewell_in_its_place(mosquitto, connect):
    _, got = connect(mosquitto.port, "watcher", topics=("alive/#",))
    awaited(lambda: _.connected)
    one, _nothing = connect(mosquitto.port, "mortal", will=Message("alive/mortal", b"offline", retain=True))
    assert one.wait(PATIENCE_S)
    one.close(Message("alive/mortal", b"bye", retain=True))
    awaited(lambda: got)
    time.sleep(0.2)
    assert [message.payload for message in got] == [b"bye"]


def test_what_was_sent_right_before_it_ends_arrives(mosquitto, connect):
    _, got = (listening := connect(mosquitto.port, "listening", topics=("last/#",)))
    assert listening[0].wait(PATIENCE_S)
    one, _ = connect(mosquitto.port, "brief", topics=(), keep=False)
    assert one.wait(PATIENCE_S)
    for number in range(60):
        assert one.send(Message("last/words", bytes(10_000) + str(number).encode()))
    one.close(timeout_s=10)
    awaited(lambda: len(got) == 60)


@pytest.mark.parametrize(
    ("answer", "words"),
    [(b"", "hangs up"), (b"HTTP/1.1 400 Bad Request\r\n\r\n", "hangs up"), (None, "does not speak")],
)
def test_what_is_no_broker_is_told(connect, monkeypatch, answer, words):
    monkeypatch.setattr(module, "ANSWER_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept = []

        def serve() -> None:
            while True:
                try:
                    came, _ = server.accept()
                except OSError:
                    return
                if answer is None:
                    kept.append(came)
                    continue
                came.sendall(answer)
                came.close()

        threading.Thread(target=serve, daemon=True).start()
        one, _ = connect(server.getsockname()[1])
        awaited(lambda: one.fault)
        awaited(lambda: words in (one.fault or ""))
        assert not one.connected
        server.shutdown(socket.SHUT_RDWR)
        one.close()
        for came in kept:
            came.close()


def test_no_broker_no_name_no_file_are_one_line_each(connect, tmp_path):
    port = free_port()
    for broker, words in (
        (Broker("127.0.0.1", port), "has no broker that answers"),
        (Broker("no.such.name.invalid", port), "nobody knows"),
        (Broker("127.0.0.1", port, user="a", password_file=tmp_path / "absent"), "password cannot be read"),
        (Broker("127.0.0.1", port, tls=True, ca=Path(__file__)), "a PEM file of certificates was expected"),
        (Broker("127.0.0.1", port, tls=True, certificate=tmp_path / "none.pem"), "none.pem: cannot be read"),
    ):
        one, _ = connect(port, broker=broker)
        fault = awaited(lambda one=one: one.fault)
        assert words in fault
        assert "\n" not in fault


def test_a_callback_that_fails_does_not_end_the_connection(mosquitto, caplog):
    def fail(message: Message) -> None:
        raise RuntimeError("oops")

    one = Connection(Broker("127.0.0.1", mosquitto.port), "clumsy", ["c/#"], fail, greet=lambda: 1 / 0)
    one.start()
    assert one.wait(PATIENCE_S)
    for _ in range(3):
        one.send(Message("c/x", b""))
    awaited(lambda: caplog.text.count("receiving failed") == 3)
    assert one.connected
    one.close()


class OldBroker:
    """Speaks 3.1.1 only, as brokers of ten years ago: refuses version 5 with its own code, or hangs up on it."""

    def __init__(self, polite: bool, then: bytes = b"") -> None:
        """then: what it sends after its yes."""
        self._polite = polite
        self.then = then
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self.versions: list[int] = []
        self.clean: list[bool] = []
        self._kept: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                came, _ = self._server.accept()
            except OSError:
                return
            head = came.recv(4096)
            version, flags = head[head.index(b"MQTT") + 4 :][:2]
            self.versions.append(version)
            self.clean.append(bool(flags & 2))
            if version == 4:
                came.sendall(b"\x20\x02\x00\x00" + self.then)
                self._kept.append(came)
            else:
                if self._polite:
                    came.sendall(b"\x20\x02\x00\x01")
                came.close()

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for one in self._kept:
            one.close()


@pytest.mark.parametrize("polite", [True, False])
def test_an_old_broker_is_spoken_to_in_its_language(connect, monkeypatch, polite):
    monkeypatch.setattr(retries, "BACK_OFF_S", (0.1,))
    old = OldBroker(polite)
    one, _ = connect(old.port, topics=())
    assert one.wait(PATIENCE_S)
    assert not one.modern
    assert old.versions == ([5, 4] if polite else [5, 5, 4])
    one.close()
    old.close()


def test_too_large_a_message_is_not_taken_in_by_either_version(mosquitto, connect, monkeypatch):
    monkeypatch.setattr(retries, "BACK_OFF_S", (0.1,))
    sender, _ = connect(mosquitto.port, "sender", topics=())
    new, got_new = connect(mosquitto.port, "new", topics=("big/#",), most_bytes=1000)
    old, got_old = connect(mosquitto.port, "old", topics=("big/#",), most_bytes=1000)
    assert sender.wait(PATIENCE_S)
    assert new.wait(PATIENCE_S)
    assert old.wait(PATIENCE_S)
    old._speak(modern=False)  # as after an old broker's refusal; from its next connection on
    old.broker, was = Broker("127.0.0.1", 1), old.broker
    mosquitto_kick(mosquitto, "old", connect)
    old.broker = was
    awaited(lambda: old.connected and not old.modern)
    sender.send(Message("big/one", bytes(10_000_000)))
    sender.send(Message("big/two", b"small"))
    awaited(lambda: got_new)
    assert [message.payload for message in got_new] == [b"small"]
    # What came whole before anybody could look at its size is dropped; else the session is.
    awaited(lambda: sender.send(Message("big/three", b"small")) and any(m.topic == "big/three" for m in got_old))
    assert max(len(message.payload) for message in got_old) == 5


def test_a_giant_of_an_old_broker_is_not_read_and_its_session_is_forgotten(connect, monkeypatch, caplog):
    monkeypatch.setattr(retries, "BACK_OFF_S", (0.1,))
    old = OldBroker(polite=True, then=b"\x32\xff\xff\xff\x7f" + bytes(1000))
    one, got = connect(old.port, topics=())
    awaited(lambda: "sent a message of more than" in caplog.text)
    old.then = b""
    awaited(lambda: len(old.clean) == 3)
    assert one.wait(PATIENCE_S)
    assert old.clean[1:] == [False, True]
    assert got == []
    one.close()
    old.close()


def mosquitto_kick(broker: Mosquitto, name: str, connect) -> None:
    """Another client of the same name takes over, and goes."""
    other, _ = connect(broker.port, name, topics=(), keep=False)
    assert other.wait(PATIENCE_S)
    other.close()

"""The agent and its connection as they end: no order that was taken is lost, nor its answer; gone is told last."""

from __future__ import annotations

import json
import threading
from types import SimpleNamespace

import pytest

from appliance import config
from appliance.mqtt import agent as agents
from appliance.mqtt import wire
from appliance.mqtt.broker import Broker
from appliance.mqtt.connection import Connection
from appliance.mqtt.message import Message
from appliance.mqtt.telling import Teller
from appliance.mqtt.topics import Topics
from appliance.store import Desired
from tests.waiting import PATIENCE_S, awaited


class Line:
    """In the place of a connection: what was sent while it was open; `last` comes right before it is closed."""

    connected, fault, broker = True, None, "nowhere"

    def __init__(self, last=lambda: None):
        self.sent: list[Message] = []
        self.open, self._last = True, last

    def start(self):
        pass

    def send(self, message):
        if self.open:
            self.sent.append(message)
        return self.open

    def close(self, farewell=None):
        if self.open:
            self._last()
            self.send(farewell)
        self.open = False


@pytest.fixture
def agent(tmp_path):
    """One without a broker, not yet started."""
    wanted = {"broker": "127.0.0.1", "port": 1}
    made = agents.build(config.load(changes={"mqtt": wanted}), tmp_path / "data", tmp_path)
    made.connection.close()
    made.connection = Line()
    yield made
    made.close()


def mode(tmp_path) -> str | None:
    return Desired(tmp_path / "data").settings().get("mode")


def test_a_panic_button_that_was_taken_is_obeyed_though_the_agent_ends(agent, tmp_path):
    """The broker has our word that it came, and does not send it again."""
    agent._receive(Message(agent.topics.of("command", "slate"), b""))
    agent._stop.set()
    agent.start()
    agent.close()
    assert mode(tmp_path) == "slate"


def test_one_that_comes_as_the_connection_is_closed_is_obeyed_too(agent, tmp_path):
    agent.connection = Line(lambda: agent._receive(Message(agent.topics.of("command", "slate"), b"")))
    agent.start()
    agent.close()
    assert mode(tmp_path) == "slate"


def test_whoever_asked_is_answered_before_it_goes(agent, monkeypatch):
    """An order is being obeyed as the agent is asked to end."""
    began, go_on, usual = threading.Event(), threading.Event(), agent._answerer._done

    def slowly(message):
        began.set()
        assert go_on.wait(PATIENCE_S)
        return usual(message)

    monkeypatch.setattr(agent._answerer, "_done", slowly)
    monkeypatch.setattr(agent._intake, "wake", go_on.set)
    agent._receive(Message(agent.topics.of("command", "slate"), b"", response="answers"))
    agent.start()
    assert began.wait(PATIENCE_S)
    agent.close()
    answers = [json.loads(one.payload) for one in agent.connection.sent if one.topic == "answers"]
    assert [answer["ok"] for answer in answers] == [True]
    assert agent.connection.sent[-1].payload == b"offline"


def test_an_enrolment_that_is_not_begun_any_more_is_told_so(agent):
    order = json.dumps({"name": "Ann", "photos": ["aGFsbG8="], "id": "7"}).encode()
    agent._stop.set()
    agent._receive(Message(agent.topics.of("command", "enrol"), order, response="answers"))
    agent.start()
    agent.close()
    (answer,) = [json.loads(one.payload) for one in agent.connection.sent if one.topic == "answers"]
    assert not answer["ok"]
    assert "send it again" in answer["error"]


def test_it_never_says_that_it_is_there_after_it_said_that_it_is_gone(monkeypatch):
    """The connection is made at the very moment at which it is closed."""
    said: list[bytes] = []
    threads: list[threading.Thread] = []
    away = threading.Event()

    def publish(client, message, modern):
        said.append(message.payload)
        if message.payload == b"offline":
            away.set()
        return SimpleNamespace()

    def subscribe(client, topics, modern):
        # Another thread closes it now. Where it must wait for us, it does so; the order of words is what counts.
        threads.append(threading.Thread(target=link.close, args=(Message("a", b"offline"),)))
        threads[0].start()
        away.wait(0.5)

    monkeypatch.setattr(wire, "publish", publish)
    monkeypatch.setattr(wire, "subscribe", subscribe)
    monkeypatch.setattr(wire, "wait", lambda *_: None)
    link = Connection(Broker("127.0.0.1", 1), "one", ["a"], lambda _: None, lambda: link.send(Message("a", b"online")))
    link._on_connect(link._client, None, connected(), reason(), None)
    threads[0].join(PATIENCE_S)
    assert said == [b"online", b"offline"]
    link._on_connect(link._client, None, connected(), reason(), None)
    assert said[-1] == b"offline", "and once it has gone it is not there again"


def connected():
    return SimpleNamespace(session_present=False)


def reason():
    return SimpleNamespace(is_failure=False, getName=lambda: "Success")


def test_nothing_that_a_broker_sends_ends_the_thread_that_listens_to_it(monkeypatch):
    """paho raises what its authors did not foresee; the box would be deaf to every order until it starts anew."""
    tried = threading.Event()
    tries: list[int] = []

    def connect(link):
        tries.append(len(tries))
        if len(tries) > 1:
            tried.set()
        raise IndexError("tuple index out of range")

    monkeypatch.setattr("appliance.mqtt.retries.BACK_OFF_S", (0.0,))
    monkeypatch.setattr(Connection, "_connect", connect)
    link = Connection(Broker("127.0.0.1", 1), "one", ["a"], lambda _: None)
    link.start()
    try:
        assert tried.wait(PATIENCE_S)
        assert "makes no sense (IndexError)" in awaited(lambda: link.fault)
    finally:
        link.close()


class Interrupted(str):
    """A topic in whose taking down another thread has its turn: a set asks for the hash of what it is given."""

    turn = None

    def __hash__(self):
        turn, Interrupted.turn = Interrupted.turn, None
        if turn is not None:
            turn()
        return super().__hash__()


def test_what_the_broker_keeps_is_taken_back_though_the_facts_are_told_at_that_moment(monkeypatch):
    """A person who was deleted while the agent was away must not stay at the broker as a switch."""
    wanted = {"mqtt": {"broker": "127.0.0.1"}}
    erased: list[str] = []
    teller = Teller(
        config.load(changes=wanted), Topics("mofy", "box"), lambda m: m.payload or not erased.append(m.topic)
    )
    monkeypatch.setattr(Teller, "_wanted", lambda *_: {})
    monkeypatch.setattr(Teller, "_tell_state", lambda *_: None)
    monkeypatch.setattr(teller._happenings, "since", lambda _: [])
    Interrupted.turn = lambda: teller.tell(None)
    teller.found(Interrupted("mofy/box/person/ann/state"))
    Interrupted.turn = None
    teller.tell(None)
    assert erased == ["mofy/box/person/ann/state"]

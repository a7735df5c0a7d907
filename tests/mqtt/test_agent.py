"""The agent and a real broker: what is told, what is obeyed, what is refused. No engine: its report is written here."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from appliance import config, status
from appliance.mqtt import agent as module
from appliance.mqtt.broker import Broker
from appliance.mqtt.connection import Connection
from appliance.mqtt.message import Message
from appliance.mqtt.topics import TABLE
from appliance.status import Status, TrackStatus
from appliance.store import Desired, Store
from appliance.store.people import Template
from tests.mofy_process import CHECKOUT
from tests.mosquitto import Mosquitto, needs_mosquitto
from tests.waiting import PATIENCE_S, awaited, slowness

pytestmark = needs_mosquitto


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory):
    with Mosquitto(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture(autouse=True)
def _reports_stay_fresh(monkeypatch):
    """No engine renews them here."""
    monkeypatch.setattr(status, "STALE_S", 60.0)


class Home:
    """Whoever watches and steers: keeps the newest message of each topic, and all of them."""

    def __init__(self, port: int, root: str) -> None:
        self.root = root
        box = root.rpartition("/")[2]
        self.all: list[Message] = []
        self.newest: dict[str, Message] = {}
        self.connection = Connection(
            Broker("127.0.0.1", port),
            f"home-{os.urandom(4).hex()}",
            [f"{root}/#", f"homeassistant/+/mofy_{box}/#", "answers/#"],
            self._take,
            keep=False,
        )
        self.connection.start()
        assert self.connection.wait(PATIENCE_S)

    def _take(self, message: Message) -> None:
        self.all.append(message)
        self.newest[message.topic] = message

    def said(self, place: str) -> str | None:
        """The newest payload below the box's own topic."""
        found = self.newest.get(f"{self.root}/{place}")
        return None if found is None else found.payload.decode(errors="replace")

    def told(self, place: str) -> dict:
        """The same of JSON."""
        return json.loads(self.said(place) or "{}")

    def ask(self, place: str, payload: bytes | str | dict = b"", timeout_s: float = 30.0) -> dict:
        """Give an order; its answer."""
        if isinstance(payload, dict):
            payload = json.dumps(payload)
        payload = payload.encode() if isinstance(payload, str) else payload
        mark = os.urandom(4)
        message = Message(f"{self.root}/{place}", payload, response="answers/home", correlation=mark)
        assert self.connection.send(message)
        return json.loads(awaited(lambda: self._answer(mark), timeout_s).payload)

    def _answer(self, mark: bytes) -> Message | None:
        return next((one for one in self.all if one.correlation == mark and one.topic == "answers/home"), None)


class Bench:
    """An agent with its folders, and somebody at home."""

    def __init__(self, folder: Path, port: int, **options) -> None:
        self.data, self.runtime = folder / "data", folder / "run"
        self.runtime.mkdir(parents=True, exist_ok=True)
        wanted = {"broker": "127.0.0.1", "port": port, "every_s": 3600.0, **options}
        self.config = config.load(changes={"mqtt": wanted})
        self.agent = module.build(self.config, self.data, self.runtime)
        self.agent.start()
        assert self.agent.connection.wait(PATIENCE_S)
        self.home = Home(port, self.agent.topics.root)
        awaited(lambda: self.home.said("state"))

    def report(self, **fields) -> None:
        """What the engine would report."""
        base = {"state": "running", "at": time.time(), "pid": 1, "version": "9", "source": "x", "address": "x"}
        status.write(Status(**{**base, **fields}), self.runtime)

    def close(self) -> None:
        """Both ends."""
        self.agent.close()
        self.home.connection.close()


@pytest.fixture
def bench(tmp_path, mosquitto):
    """Makes benches."""
    made = []

    def make(**options) -> Bench:
        made.append(Bench(tmp_path, mosquitto.port, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def quiet(tmp_path_factory, mosquitto):
    """One that nothing changes, for many tests."""
    one = Bench(tmp_path_factory.mktemp("quiet"), mosquitto.port)
    yield one
    one.close()


def enrolled(data: Path, name: str) -> str:
    """Somebody in the store, by a random face; the id."""
    rng = np.random.default_rng(len(name))
    embedding = rng.normal(size=512).astype(np.float32)
    crop = rng.integers(0, 255, (112, 112, 3), dtype=np.uint8)
    face = Template("mobilefacenet-512-int8", embedding / np.linalg.norm(embedding), crop, 0.9, 0.0)
    return Store.open(data, create=True).enrol(name, [face], "test").id


def test_all_that_is_told_is_in_the_table_kept_or_not_as_it_says(bench):
    one = bench()
    enrolled(one.data, "Ada")
    one.report(tracks=(TrackStatus(1, (0, 0, 9, 9), "x"),), faults=("oh",))
    (one.runtime / "preview.jpg").write_bytes(b"\xff\xd8masked")
    one.home.ask("command/snapshot")
    one.home.connection.send(Message(f"{one.home.root}/mode/set", b"slate"))
    awaited(lambda: one.home.said("response"))
    awaited(lambda: one.home.said("event/shown"))
    awaited(lambda: one.home.said("snapshot"))
    box = one.agent.topics.box
    rules = [(pattern(row.topic, box), row.retained) for row in TABLE if row.way == "out"]
    told = {topic for topic in one.home.newest if not topic.endswith("/set") and not topic.startswith("answers/")}
    told = {topic for topic in told if "/command/" not in topic}
    for topic in told:
        assert any(matches(parts, topic) for parts, _ in rules), f"{topic} is not in the table"
    for parts, _ in rules:
        assert any(matches(parts, topic) for topic in told), f"{parts} was never told"
    kept = {topic for topic in told for parts, retained in rules if retained and matches(parts, topic)}
    late = Home(one.home.connection.broker.port, one.home.root)
    awaited(lambda: kept <= late.newest.keys())
    assert {topic for topic, message in late.newest.items() if message.retain} == kept
    late.connection.close()


def pattern(topic: str, box: str) -> list[str]:
    return ["*" if part.isupper() else part for part in topic.replace("BOX", box).split("/")]


def matches(parts: list[str], topic: str) -> bool:
    levels = topic.split("/")
    return len(levels) == len(parts) and all(part in ("*", level) for part, level in zip(parts, levels))


def test_settings_are_changed_for_good_and_told(bench):
    one = bench()
    assert one.home.said("strength/state") == "3"
    assert one.home.ask("strength/set", "5") == {
        "ok": True, "order": "strength/set", "setting": "strength", "value": "5"
    }  # fmt: skip
    awaited(lambda: one.home.said("strength/state") == "5")
    assert one.home.ask("outline/set", {"value": True, "id": "mine"})["id"] == "mine"
    awaited(lambda: one.home.said("outline/state") == "true")
    assert Desired(one.data).settings() == {"strength": "5", "outline": "true"}
    assert {who for _, who, _ in Desired(one.data).audit()} == {"MQTT"}
    one.home.ask("strength/set", {"value": None})
    awaited(lambda: one.home.said("strength/state") == "3")


@pytest.mark.parametrize(
    ("place", "payload", "field", "words"),
    [
        ("strength/set", "9", "value", "expected 5 or less"),
        ("style/set", "glitter", "value", "glitter"),
        ("mode/set", "naked", "value", "expected selective"),
        ("mode/set", '{"value": "slate", "extra": 1}', "extra", "not permitted"),
        ("colour/set", "red", None, "no such setting"),
        ("command/dance", "", None, "no such command"),
        ("command/reveal", '{"track": "x"}', "track", "valid integer"),
        ("command/reveal", "7", None, "the engine does not run"),
        ("command/record", "perhaps", "on", "valid boolean"),
        ("command/snapshot", "", None, "no picture"),
        ("person/nobody/set", "ON", None, "nobody"),
        ("command/slate", '{"expires": 1}', None, "too late"),
        ("command/slate", "{", None, "invalid JSON"),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(quiet, place, payload, field, words):
    one = quiet
    answer = one.home.ask(place, payload)
    assert answer["ok"] is False
    assert answer.get("field") == field
    assert words in answer["error"]
    assert Desired(one.data).settings() == {}


def test_commands_wish(bench):
    one = bench()
    one.report(tracks=(TrackStatus(7, (0, 0, 9, 9), None),), run="r1")
    awaited(lambda: one.home.told("state").get("tracks") == [{"id": 7, "shown": False}])
    for name in ("slate", "cover-everyone", "selective"):
        assert one.home.ask(f"command/{name}")["ok"]
        assert Desired(one.data).settings()["mode"] == name
    claim = one.home.ask("command/reveal", {"track": 7, "seconds": 60})["claim"]
    assert one.home.ask("command/reveal", "8")["field"] == "track"
    assert one.home.ask("command/cover", "9")["ok"], "to cover one that has just left is no mistake"
    kinds = {one.kind: one for one in Desired(one.data).claims(time.time())}
    assert kinds["reveal"].id == claim
    assert kinds["reveal"].run == "r1"
    assert 50 < kinds["reveal"].until - time.time() <= 60
    assert one.home.ask("command/forget-guests")["forgotten"] == 1
    assert one.home.ask("command/record", "stop")["on"] is False
    assert Desired(one.data).settings()["record"] == "false"
    assert one.home.ask("command/restart")["ok"]
    first = Desired(one.data).settings()["restart"]
    assert one.home.ask("command/restart")["ok"]
    assert Desired(one.data).settings()["restart"] != first


def test_the_snapshot_is_the_masked_preview_and_nothing_else(bench):
    one = bench()
    picture = one.runtime / "preview.jpg"
    picture.write_bytes(b"\xff\xd8masked")
    assert one.home.ask("command/snapshot") == {"ok": True, "order": "command/snapshot", "bytes": 8}
    assert one.home.newest[f"{one.home.root}/snapshot"].payload == b"\xff\xd8masked"
    os.utime(picture, (time.time() - 90, time.time() - 90))
    assert not one.home.ask("command/snapshot")["ok"], "what is old must not look live"


def test_people_are_ids_and_switches_and_are_gone_when_deleted(bench):
    one = bench()
    person = enrolled(one.data, "Ada Lovelace")
    awaited(lambda: one.home.said(f"person/{person}/state") == "ON")
    announced = f"homeassistant/switch/mofy_{one.agent.topics.box}/person_{person}/config"
    awaited(lambda: announced in one.home.newest)
    assert one.home.told("people")["people"][0]["id"] == person
    assert one.home.ask(f"person/{person}/set", "OFF") == {
        "ok": True, "order": f"person/{person}/set", "person": person, "on": False
    }  # fmt: skip
    awaited(lambda: one.home.said(f"person/{person}/state") == "OFF")
    assert not Store.open(one.data).people()[0].enabled
    Store.open(one.data).remove("Ada Lovelace", "test")
    awaited(lambda: one.home.told("people") == {"people": []})
    awaited(lambda: one.home.said(f"person/{person}/state") == "")
    awaited(lambda: one.home.newest[announced].payload == b"")
    awaited(lambda: one.home.said("event/enrolment"))
    assert not [message for message in one.home.all if b"Ada" in message.payload or b"Lovelace" in message.payload]


def test_whoever_was_deleted_while_the_agent_was_away_is_not_kept_by_the_broker(bench, tmp_path, mosquitto):
    one = bench()
    person = enrolled(one.data, "Ada")
    awaited(lambda: one.home.said(f"person/{person}/state") == "ON")
    one.agent.close()
    awaited(lambda: one.home.said("availability") == "offline")
    Store.open(one.data).remove("Ada", "test")
    again = Bench(tmp_path, mosquitto.port)
    awaited(lambda: again.home.said(f"person/{person}/state") == "")
    again.close()


def test_what_waited_at_the_broker_shows_nobody_again(bench, tmp_path, mosquitto):
    """Sent while the agent was away, and since then somebody has pressed the panic button on the page."""
    one = bench()
    person = enrolled(one.data, "Ada")
    awaited(lambda: one.home.said(f"person/{person}/state") == "ON")
    one.agent.close()
    awaited(lambda: one.home.said("availability") == "offline")
    send = one.home.connection.send
    assert send(Message(f"{one.home.root}/command/selective", b"", response="answers/late"))
    assert send(Message(f"{one.home.root}/person/{person}/set", b"ON"))
    assert send(Message(f"{one.home.root}/sound/set", b"mute"))
    ends = json.dumps({"value": "blur", "expires": time.time() + 600}).encode()
    assert send(Message(f"{one.home.root}/style/set", ends))
    Desired(one.data).set_setting("mode", "cover-everyone", "page")
    Store.open(one.data).change("Ada", "page", enabled=False)
    again = Bench(tmp_path, mosquitto.port)
    awaited(lambda: {"sound": "mute", "style": "blur"}.items() <= Desired(one.data).settings().items())
    awaited(lambda: "answers/late" in one.home.newest)
    error = json.loads(one.home.newest["answers/late"].payload)["error"]
    assert "while the box was away" in error
    assert "send it again in 5 s, or now with `expires`" in error
    assert Desired(one.data).settings()["mode"] == "cover-everyone"
    assert not Store.open(one.data).people()[0].enabled
    again.close()


def test_names_are_told_only_when_asked_for(bench):
    one = bench(share_names=True)
    person = enrolled(one.data, "Ada")
    awaited(lambda: [known["name"] for known in one.home.told("people").get("people", ())] == ["Ada"])
    one.report(tracks=(TrackStatus(1, (0, 0, 9, 9), person),))
    awaited(lambda: one.home.told("event/shown").get("name") == "Ada")


def test_the_store_without_its_key_still_covers_everyone(bench):
    one = bench()
    enrolled(one.data, "Ada")
    (one.data / "key").unlink()
    awaited(lambda: "key" in one.home.told("people").get("fault", ""))
    assert one.home.ask("command/cover-everyone")["ok"]
    assert Desired(one.data).settings()["mode"] == "cover-everyone"


def test_events_come_once_each(bench):
    one = bench()

    def told(kind: str, **wanted) -> bool:
        events = [json.loads(m.payload) for m in list(one.home.all) if m.topic.endswith(f"/event/{kind}")]
        return any(wanted.items() <= event.items() for event in events)

    one.report(tracks=(TrackStatus(1, (0, 0, 9, 9), "p1"),), faults=("too hot",))
    awaited(lambda: told("shown", person="p1") and told("fault", fault="too hot", over=False))
    one.report()
    awaited(lambda: told("left", person="p1") and told("fault", fault="too hot", over=True))
    Store.open(one.data, create=True).note("page", "logged in")
    awaited(lambda: told("login", admitted=True, by="page"))
    kinds = [message.topic.rpartition("/")[2] for message in one.home.all if "/event/" in message.topic]
    assert kinds.count("shown") == kinds.count("left") == kinds.count("login") == 1


def test_only_covering_is_obeyed_where_the_configuration_says_so(bench):
    one = bench(obey="cover")
    assert one.home.ask("command/cover-everyone")["ok"]
    assert one.home.ask("mode/set", "slate")["ok"]
    for place, payload in (("mode/set", "selective"), ("mode/set", "cover-everyone"), ("command/selective", ""),
                           ("style/set", "blur"), ("mode/set", "default"), ("command/restart", "")):  # fmt: skip
        answer = one.home.ask(place, payload)
        assert "only covers" in answer["error"], place
    assert Desired(one.data).settings() == {"mode": "slate"}


def test_nothing_is_obeyed_where_the_configuration_says_so(bench):
    one = bench(obey="nothing")
    assert "obeys nothing" in one.home.ask("command/cover-everyone")["error"]
    assert Desired(one.data).settings() == {}


def test_a_person_is_enrolled_from_a_photo_and_rubbish_is_not(bench, photos):
    one = bench()
    obama = base64.b64encode((photos / "obama.jpg").read_bytes()).decode()
    rubbish = base64.b64encode(b"\xff\xd8 no photo at all").decode()
    answer = one.home.ask("command/enrol", {"name": "Barack", "photos": [obama, rubbish]})
    assert answer["ok"], answer
    assert answer["photos"] == 1
    assert list(answer["refused"]) == ["photo 2"]
    (person,) = Store.open(one.data).people()
    assert (person.id, person.name) == (answer["person"], "Barack")
    for told, words in (
        ({"name": "Nobody", "photos": rubbish}, "photo 1"),
        ({"name": "Nobody", "photos": ["?"]}, "photo 1 is not base64"),
        ({"name": "Barack", "photos": [obama]}, "stored already"),
    ):
        answer = one.home.ask("command/enrol", told)
        assert not answer["ok"]
        assert answer["field"] == "photos"
        assert words in answer["error"]
    assert len(Store.open(one.data).people()) == 1
    assert all(b"Barack" not in message.payload for message in one.home.all)


def test_how_it_fares_is_told_to_who_reads_no_logs(bench, tmp_path):
    one = bench()
    environment = {**os.environ, "RUNTIME_DIRECTORY": str(one.runtime), "MOFY_DATA": str(one.data)}
    command = [sys.executable, "-m", "appliance.cli", "mqtt", "status"]

    def told() -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)

    awaited(lambda: (one.runtime / "mqtt.json").exists())
    fine = told()
    assert fine.returncode == 0
    assert f"{one.agent.topics.box}\n" in fine.stdout
    assert ", connected" in fine.stdout
    one.agent.connection.close()
    awaited(lambda: '"connected": false' in (one.runtime / "mqtt.json").read_text())
    assert told().returncode == 1
    one.agent.close()
    assert "no agent speaks" in told().stderr


def test_retained_orders_are_ignored(bench, mosquitto, tmp_path):
    one = bench()
    root = one.home.root
    one.agent.close()
    one.home.connection.send(Message(f"{root}/command/slate", b"", retain=True))
    again = Bench(tmp_path, mosquitto.port)
    again.home.connection.send(Message(f"{root}/command/cover-everyone", b"", retain=True))
    assert again.home.ask("sound/set", "mute")["ok"], "as an order after those"
    assert Desired(again.data).settings() == {"sound": "mute"}
    again.home.connection.send(Message(f"{root}/command/cover-everyone", b"", retain=True))
    again.home.connection.send(Message(f"{root}/command/slate", b"", retain=True))
    again.close()


def test_home_assistant_started_anew_is_told_everything(bench):
    one = bench()
    topic = f"homeassistant/select/mofy_{one.agent.topics.box}/mode/config"
    awaited(lambda: topic in one.home.newest)
    count = sum(message.topic == topic for message in one.home.all)
    one.home.connection.send(Message("homeassistant/status", b"online"))
    awaited(lambda: sum(message.topic == topic for message in one.home.all) > count)


def test_killed_it_is_offline_within_a_second_and_comes_back_with_the_page(mosquitto, tmp_path):
    data, environment = tmp_path / "data", {**os.environ, "RUNTIME_DIRECTORY": str(tmp_path / "run")}
    command = [sys.executable, "-m", "appliance.cli", "control", "--data", str(data), "--port", "0"]
    command += ["--address", "127.0.0.1", "--mqtt", f"127.0.0.1:{mosquitto.port}"]
    with subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert "page: " in process.stdout.readline()
        box = (data / "box-id").read_text().strip()
        home = Home(mosquitto.port, f"mofy/{box}")
        awaited(lambda: home.said("availability") == "online")
        process.send_signal(signal.SIGKILL)
        killed_at = time.monotonic()
        awaited(lambda: home.said("availability") == "offline")
        assert time.monotonic() - killed_at < slowness()
    with subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        awaited(lambda: home.said("availability") == "online")
        assert home.ask("command/cover-everyone")["ok"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
        awaited(lambda: home.said("availability") == "offline")
    home.connection.close()

"""Three boxes with real stores and a real broker."""

from __future__ import annotations

import shutil
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest

from appliance.fleet import errand
from appliance.fleet.agent import Agent
from appliance.fleet.card import Card, digest
from appliance.mqtt.broker import Broker
from appliance.mqtt.connection import Connection
from appliance.mqtt.message import Message
from tests.fleet.boxes import QUICK, Box, alike, eventually, fleet_of, template
from tests.mosquitto import Mosquitto, needs_mosquitto

pytestmark = needs_mosquitto


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory):
    with Mosquitto(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture
def boxes(tmp_path, mosquitto):
    with fleet_of(tmp_path, mosquitto.port, "abc", QUICK) as made:
        eventually(lambda: all(len(box.store.membership().members()) == 3 for box in made))
        yield made


def test_who_is_enrolled_on_one_is_known_on_all_and_gone_from_all(boxes):
    a, b, c = boxes
    a.store.enrol("Ann", [template(seed=i) for i in range(3)], "test", note="at the door", expires_at=5e9)
    eventually(lambda: alike(*boxes) and c.shown() == ["Ann"])
    assert b.store.people() == a.store.people(), "ids, times and all"
    c.store.change("Ann", "test", enabled=False)
    eventually(lambda: alike(*boxes) and a.shown() == [])
    b.store.remove("Ann", "test")
    eventually(lambda: all(box.names() == [] for box in boxes) and alike(*boxes))


def test_a_box_that_was_off_hears_what_happened_and_brings_back_nobody(boxes):
    a, b, c = boxes
    for name in ("Ann", "Ben", "Cho"):
        a.store.enrol(name, [template(name)], "test")
    eventually(lambda: alike(*boxes) and len(c.names()) == 3)
    c.off()
    a.store.remove("Ann", "test")
    b.store.change("Ben", "test", enabled=False)
    c.store.change("Ann", "test", note="edited while away, later by every clock", expires_at=time.time() + 9e6)
    c.store.enrol("Dan", [template("dan")], "test")
    c.store.remove("Cho", "test")
    eventually(lambda: alike(a, b))
    c.on()
    eventually(lambda: alike(*boxes) and a.names() == ["Ben", "Dan"])
    assert a.shown() == b.shown() == c.shown() == ["Dan"]


def test_two_edits_at_once_end_as_one_of_them_everywhere(boxes):
    a, b, _ = boxes
    a.store.enrol("Ann", [template()], "test")
    eventually(lambda: alike(*boxes) and b.names())
    for box in boxes:
        box.off()
    for box in boxes:
        box.store.change("Ann", "test", note=box.name, new_name=f"Ann of {box.name}")
    for box in boxes:
        box.on()
    eventually(lambda: alike(*boxes))
    (person,) = a.store.people()
    assert person.name == f"Ann of {person.note}", "the change of one box, whole"
    assert person.note == "c", "of two made at once the box's id decides"


def test_an_expiry_is_obeyed_without_a_broker(boxes):
    a, b, _ = boxes
    soon = time.time() + 1000
    a.store.enrol("Guest", [template()], "test", expires_at=soon)
    eventually(lambda: b.shown() == ["Guest"])
    b.off()
    assert b.shown(soon - 1) == ["Guest"]
    assert b.shown(soon + 1) == []


def test_the_broker_dies_and_forgets_everything_while_all_go_on(tmp_path):
    with Mosquitto(tmp_path / "broker") as broker, fleet_of(tmp_path, broker.port, "abc", QUICK) as boxes:
        a, b, c = boxes
        for number in range(20):
            a.store.enrol(f"person {number}", [template(str(number))], "test")
        eventually(lambda: alike(*boxes))
        broker.stop(9)
        shutil.rmtree(tmp_path / "broker" / "kept")
        (tmp_path / "broker" / "kept").mkdir()
        a.store.remove("person 3", "test")
        b.store.change("person 4", "test", new_name="somebody")
        c.store.enrol("new", [template("new")], "test")
        broker.start()
        eventually(lambda: alike(*boxes) and "somebody" in c.names() and "new" in a.names(), 60)
        assert "person 3" not in b.names()
        with fleet_of_one_more(tmp_path, a) as late:
            eventually(lambda: alike(a, late), 60)


def test_a_box_that_is_taken_out_hears_nothing_more_and_can_do_no_harm(boxes, mosquitto):
    a, b, c = boxes
    a.store.enrol("Ann", [template()], "test")
    eventually(lambda: alike(*boxes) and c.names() == ["Ann"])
    assert errand.rotate(a.store, a.folder, ["c"], QUICK) == 2
    eventually(lambda: b.fleet.epoch == 2)
    a.store.enrol("Ben", [template("ben")], "test")
    c.store.enrol("Evil", [template("evil")], "test")
    ann = c.store.known("Ann").id
    c.store.remove("Ann", "test")
    eventually(lambda: "Ben" in b.names())
    eventually(lambda: c.agent.fault is not None)
    assert "without this box" in c.agent.fault
    b.store.enrol("Later", [template("later")], "test")
    eventually(lambda: "Later" in a.names())
    assert a.names() == b.names() == ["Ann", "Ben", "Later"]
    assert c.names() == ["Evil"]
    assert c.fleet.epoch == 1
    assert a.store.known("Ann").id == ann
    assert a.store.membership().members()["c"].removed == b.store.membership().members()["c"].removed == 1


def test_a_box_that_leaves_is_known_to_have_left_and_the_others_change_the_key(boxes):
    a, b, c = boxes
    b.store.enrol("Ben", [template("ben")], "test")
    eventually(lambda: alike(*boxes) and c.names() == ["Ben"])
    assert errand.leave(c.store, c.folder, "test", keep_people=False, forced=False) == 1
    assert c.names() == []
    eventually(lambda: a.fleet.epoch == b.fleet.epoch > 1 and a.fleet.key == b.fleet.key)
    assert a.store.membership().members()["c"].removed
    b.store.change("Ben", "test", note="after")
    eventually(lambda: alike(a, b) and a.store.known("Ben").note == "after")


def test_a_box_that_was_away_during_changes_of_the_key_follows_them_all(boxes):
    a, b, c = boxes
    a.store.enrol("Ann", [template()], "test")
    eventually(lambda: alike(*boxes) and c.names())
    c.off()
    b.store.remove("Ann", "test")
    eventually(lambda: a.names() == [])
    errand.rotate(a.store, a.folder, pace=QUICK)
    eventually(lambda: b.fleet.epoch == 2)
    errand.rotate(b.store, b.folder, pace=QUICK)
    eventually(lambda: a.fleet.epoch == 3)
    c.store.enrol("Cho", [template("cho")], "test")
    c.on()
    eventually(lambda: c.fleet.key == a.fleet.key and alike(*boxes))
    assert a.names() == b.names() == c.names() == ["Cho"]


def test_two_changes_of_the_key_at_once_end_as_one_and_both_who_were_taken_out_are_out(tmp_path, mosquitto):
    with fleet_of(tmp_path, mosquitto.port, "abcd", QUICK) as boxes:
        a, b, c, d = boxes
        eventually(lambda: all(len(box.store.membership().members()) == 4 for box in boxes))
        with ExitStack() as both:
            sessions = [both.enter_context(errand.errand(box.store, box.folder, pace=QUICK)) for box in (a, b)]
            for session, out in zip(sessions, "cd"):
                member = session.circle.members[out]
                session.store.membership().put_members([replace(member, removed=1)])
                session.circle.look()
            for session, out in zip(sessions, "cd"):
                session.council.succession.rotate([out])
            eventually(lambda: not sessions[0].step() or a.fleet.epoch > 1)
        eventually(lambda: {*taken_out(a)} == {*taken_out(b)} == {"c", "d"}, 60)
        eventually(lambda: a.fleet.key == b.fleet.key and a.fleet.key not in (c.fleet.key, d.fleet.key), 60)
        a.store.enrol("Ann", [template()], "test")
        eventually(lambda: b.names() == ["Ann"])
        assert c.names() == d.names() == []


def test_a_mode_that_is_wished_while_the_key_changes_is_wished_under_the_new_one(boxes):
    a, b, _ = boxes
    with errand.errand(a.store, a.folder, pace=QUICK) as session:
        errand.rotate(b.store, b.folder, pace=QUICK)
        eventually(lambda: a.fleet.epoch == b.fleet.epoch == 2)
        errand.wish(session, a.folder, ["b"], "cover-everyone", 1.0)
    eventually(lambda: b.store.settings().get("mode") == "cover-everyone")


def test_a_box_obeys_when_it_says_so_and_not_when_its_card_names_that_mode_from_before(boxes):
    a, b, _ = boxes
    b.off()
    b.agent = Agent(b.folder, lambda: Card(name="", public="0" * 64, mode="selective"), QUICK)
    b.agent.start()
    with errand.errand(a.store, a.folder, pace=QUICK) as session:
        eventually(lambda: session.step() and session.circle.cards["b"].mode == "selective")
        b.store.set_setting("mode", "cover-everyone", "somebody at the box")
        assert errand.wish(session, a.folder, ["b"], "selective", 60.0) == {"b": True}
        assert b.store.settings()["mode"] == "selective"


def test_a_mode_wished_of_a_box_that_is_off_outlives_changes_of_the_key(boxes):
    a, b, c = boxes
    c.off()
    with errand.errand(a.store, a.folder, pace=QUICK) as session:
        errand.wish(session, a.folder, ["c"], "slate", 0.1)
    errand.rotate(b.store, b.folder, pace=QUICK)
    eventually(lambda: a.fleet.epoch == 2)
    errand.rotate(a.store, a.folder, pace=QUICK)
    c.on()
    eventually(lambda: c.store.settings().get("mode") == "slate")
    assert c.fleet.epoch == 3


def test_deletions_that_all_have_carried_out_are_forgotten_with_the_key(boxes, mosquitto):
    a, b, c = boxes
    for number in range(10):
        a.store.enrol(f"guest {number}", [template()], "test")
    eventually(lambda: alike(*boxes) and len(c.names()) == 10)
    for number in range(10):
        b.store.remove(f"guest {number}", "test")
    eventually(lambda: all(len(deletions(box)) == 10 and not box.names() for box in boxes))
    c.off()
    with errand.errand(a.store, a.folder, pace=QUICK) as session:
        eventually(lambda: session.step() and all_tell_the_same_deletions(session))
    errand.rotate(a.store, a.folder, pace=QUICK)
    c.on()
    eventually(lambda: all(box.fleet.epoch == 2 and not deletions(box) for box in boxes))
    eventually(lambda: kept_people(mosquitto, a.fleet.id) == [])  # nothing of them lies at the broker either


def taken_out(box):
    return [member.box for member in box.store.membership().members().values() if member.removed]


def deletions(box):
    return [person for person, revision in box.store.shared().revisions().items() if revision.gone]


def all_tell_the_same_deletions(session):
    known = digest(session.exchange.deleted)
    return all(box in session.circle.cards and session.circle.cards[box].deleted == known for box in "bc")


def kept_people(mosquitto, fleet):
    """Topics of people that the broker keeps; what it keeps comes before what is said after."""
    got, mark = [], f"spy/{fleet}"
    topics = [f"mofy/fleet/{fleet}/people/#", mark]
    connection = Connection(Broker("127.0.0.1", mosquitto.port), "spy", topics, got.append, keep=False)
    connection.start()
    assert connection.wait(10)
    connection.send(Message(mark, b"here"))
    eventually(lambda: any(message.topic == mark for message in got))
    connection.close()
    return [message.topic for message in got if message.retain and message.payload]


@contextmanager
def fleet_of_one_more(folder, first):
    late = Box(folder, "late", first.place, QUICK)
    late.follow(first)
    late.on()
    try:
        yield late
    finally:
        late.off()

"""Modes wished of other boxes: whoever says so last is obeyed, and of two at once the panic button."""

from __future__ import annotations

from contextlib import suppress
from types import SimpleNamespace

import pytest

from appliance.errors import StoreError
from appliance.fleet import agent
from appliance.fleet.council import Council
from appliance.fleet.modes import Wish
from appliance.live import panic
from appliance.mqtt.message import Message
from appliance.store import Desired, journal
from tests.fleet.boxes import Box
from tests.fleet.test_messages import PLACE, Wire


@pytest.fixture
def trio(tmp_path):
    """Three boxes that know each other."""
    made = [Box(tmp_path, name, PLACE) for name in "abc"]
    made[0].found()
    for box in made[1:]:
        box.follow(made[0])
    for box in made:
        box.store.membership().put_members([other.member for other in made if other is not box])
    return made


def sent(council: Council) -> list[Message]:
    """All that a council said."""
    return council._send.sent


def said(council: Council) -> Message:
    """What it said last."""
    return sent(council)[-1]


def test_what_is_said_again_never_takes_the_place_of_what_was_wished_since(trio):
    a, b, _ = trio
    before, newer, after = (Council(box.store, box.fleet, Wire()) for box in (a, b, a))
    before.modes.wish("c", "selective")
    newer.hear(said(before), 0.0)
    newer.modes.wish("c", "slate")
    after.hear(said(newer), 0.0)
    after.modes.say_again(before.modes.unobeyed)
    assert sent(after) == []


@pytest.mark.parametrize("first", ["slate", "selective"])
@pytest.mark.parametrize("panics_first", [True, False])
def test_of_two_who_wish_at_once_the_panic_button_wins_whoever_is_heard_first(trio, first, panics_first):
    c = trio[2]
    panics, relents, listens = (Council(box.store, box.fleet, Wire()) for box in trio)
    panics.modes.wish("c", "slate")
    relents.modes.wish("c", "selective")
    heard: list[Message] = []

    def delivered() -> list[Message]:
        """All that was sent since, to everybody, in the broker's order."""
        speakers = (panics, relents) if first == "slate" else (relents, panics)
        new = [message for council in speakers for message in sent(council) if message not in heard]
        heard.extend(new)
        for message in new:
            for council in (panics, relents, listens) if panics_first else (listens, relents, panics):
                council.hear(message, 0.0)
        return new

    assert sum(bool(delivered()) for _ in range(5)) <= 3, "they come to an end"
    assert c.store.settings()["mode"] == "slate"
    late = Council(c.store, c.fleet, Wire())
    late.hear(heard[-1], 0.0)
    assert c.store.settings()["mode"] == "slate", "and what the broker keeps says the same"


@pytest.mark.parametrize("mode", ["slate", "selective"])
def test_a_wish_that_could_not_be_saved_is_obeyed_when_it_is_heard_again(trio, tmp_path, monkeypatch, mode):
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    a, b, _ = trio
    wishes = Council(a.store, a.fleet, Wire())
    wishes.modes.wish("b", mode)
    b.store.set_setting("mode", "cover-everyone", "test")
    with monkeypatch.context() as full:
        full.setattr(journal, "note_down", refuse)
        with suppress(StoreError):
            Council(b.store, b.fleet, Wire()).hear(said(wishes), 0.0)
    assert panic.held(tmp_path) == mode
    Council(b.store, b.fleet, Wire()).hear(said(wishes), 0.0)
    assert b.store.settings()["mode"] == mode
    assert b.fleet.obeyed == 1


def refuse(*_: object) -> None:
    raise StoreError("people.db: cannot be saved: the disk is full")


def test_what_was_held_on_a_full_disk_ends_with_a_newer_wish_of_the_fleet(trio, tmp_path, monkeypatch):
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    a, b, _ = trio
    with monkeypatch.context() as full:
        full.setattr(Desired, "set_setting", refuse)
        panic.wish_mode(b.folder, "slate", "test")
    assert panic.held(tmp_path) == "slate"
    wishes = Council(a.store, a.fleet, Wire())
    wishes.modes.wish("b", "selective")
    Council(b.store, b.fleet, Wire()).hear(said(wishes), 0.0)
    assert panic.held(tmp_path) == "selective"
    panic.wish_mode(b.folder, "cover-everyone", "test")
    Council(b.store, b.fleet, Wire()).hear(said(wishes), 0.0)
    assert b.store.settings()["mode"] == "cover-everyone", "an old wish again is no wish"


class Broken:
    """A session that ends by a fault right after the key was changed."""

    fault, ready = None, False

    def __init__(self, carried, faulty=True):
        self.council = SimpleNamespace(succession=SimpleNamespace(carried=carried), modes=self)
        self.said, self.faulty = [], faulty

    def step(self):
        if self.faulty:
            raise StoreError("people.db: is in use by another program")
        # All is read at the second step only.
        self.ready, stepped = True, self.ready
        return not stepped

    def say_again(self, wished):
        assert self.ready
        self.said.append(wished)

    def close(self):
        pass


def test_wishes_outlive_a_session_that_ends_by_a_fault_as_the_key_changes(tmp_path, monkeypatch):
    wish = Wish(number=2, mode="slate", by="a")
    sessions = [Broken({"b": wish}), Broken({}, faulty=False)]
    monkeypatch.setattr(agent, "opened", lambda *_, **__: sessions.pop(0))
    attending, (_, after) = agent.Agent(tmp_path), list(sessions)
    with pytest.raises(StoreError):
        attending._attend(None, None)
    attending._attend(None, None)
    assert after.said == [{"b": wish}]

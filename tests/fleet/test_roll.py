"""What anybody on the broker may say of a box, and what an admin's terminal is shown of it."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from appliance.cli.fleet._table import table
from appliance.fleet.card import Card
from appliance.fleet.roll import Roll
from appliance.mqtt.message import Message
from appliance.store.membership import Member

EVIL = "\x1b]0;owned\x07\x1b[2J[red]x"


def drawn(rows) -> str:
    console = Console(width=300)
    with console.capture() as got:
        console.print(table(rows))
    return got.get()


def test_a_box_is_told_by_its_card_rather_than_by_what_anybody_says():
    roll = Roll()
    roll.hear(Message("mofy/a/availability", b"online"))
    roll.hear(Message("mofy/a/state", b'{"state": "running", "mode": "selective", "fps": 29.5, "version": "1"}'))
    (open_,) = roll.rows()
    assert (open_.box, open_.member, open_.online, open_.fps) == ("a", False, True, 29.5)
    card = Card(name="Studio", public="0" * 64, mode="slate", state="slate", version="2")
    (told,) = roll.rows([Member("a", "Studio", bytes(32))], {"a": card})
    assert (told.name, told.member, told.mode, told.version) == ("Studio", True, "slate", "2")
    roll.hear(Message("mofy/a/state", b""))
    roll.hear(Message("mofy/a/availability", b"offline"))
    assert roll.rows()[0].online is False


@given(st.binary(max_size=100), st.text(max_size=20).filter(lambda box: "/" not in box))
@example(json.dumps(dict.fromkeys(("state", "mode", "version"), EVIL) | {"faults": [EVIL]}).encode(), EVIL)
@example(b'{"fps": NaN, "faults": 7, "state": ["x"]}', "a")
@example(b'{"fps": 1e999, "mode": null}', "a")
@example(b"[" * 100_000, "a")
def test_no_state_breaks_the_table_or_steers_the_terminal(payload, box):
    roll = Roll()
    roll.hear(Message(f"mofy/{box}/availability", b"online"))
    roll.hear(Message(f"mofy/{box}/state", payload))
    assert all(line.isprintable() for line in drawn(roll.rows()).split("\n"))


def test_neither_does_a_member():
    said = {"name": EVIL, "public": "0" * 64, "version": EVIL, "mode": EVIL, "state": EVIL, "faults": [EVIL]}
    card = Card.model_validate_json(json.dumps(said))
    shown = drawn(Roll().rows([Member("a", card.name, bytes(32))], {"a": card}))
    assert all(line.isprintable() for line in shown.split("\n"))

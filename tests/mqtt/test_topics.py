"""One table of topics, the same in code and document; answers go nowhere they must not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import InputError
from appliance.mqtt import orders
from appliance.mqtt.topics import COMMANDS, EVENTS, SETTINGS, TABLE, Topics

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "mqtt.md").read_text(encoding="utf-8")
OURS = Topics("mofy", "k3f9q2x7")


def rows(heading: str) -> list[list[str]]:
    """Cells of the table below a heading of the document."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_the_document_has_the_topics_of_the_code():
    told = [[f"`{r.topic}`", r.way, "yes" if r.retained else "no", r.payload, r.meaning] for r in TABLE]
    assert rows("Topics") == told


def test_the_document_has_the_commands_and_events_of_the_code():
    assert {row[0].strip("`"): row[2] for row in rows("Commands")} == COMMANDS
    assert {row[0].strip("`"): row[1] for row in rows("Events")} == EVENTS
    assert set(orders.MODELS) == set(COMMANDS)


def test_the_document_names_every_setting():
    listed = re.search(r"of `mofy set`: ([\w, ]+)\.", PAGE)
    assert listed is not None
    assert tuple(listed[1].split(", ")) == SETTINGS


@pytest.mark.parametrize(
    "asked",
    [
        "mofy/k3f9q2x7/response/me",
        "mofy/k3f9q2x7/answers/a/b",
        "desk/answers",
        "a",
        "mofyx/y",
        "mofy/k3f9q2x7/response",
    ],
)
def test_answers_go_where_they_are_asked_for(asked):
    assert OURS.answer(asked) == asked


@pytest.mark.parametrize(
    "asked",
    [
        "mofy",
        "mofy/other/command/selective",
        "mofy/k3f9q2x7/mode/set",
        "mofy/k3f9q2x7",
        "mofy/fleet/f/people/0/x",
        "homeassistant/switch/a/b/config",
        "$SYS/broker",
        "a/+",
        "#",
        "",
        "a\0b",
        "x" * 300,
    ],
)
def test_an_answer_speaks_for_nobody_else(asked):
    with pytest.raises(InputError):
        OURS.answer(asked)


@given(st.text())
def test_no_answer_becomes_an_order_to_any_box(asked):
    try:
        topic = OURS.answer(asked)
    except InputError:
        return
    assert not topic.endswith("/set") or not topic.startswith("mofy/")
    assert "/command/" not in topic or not topic.startswith("mofy/")
    assert not topic.startswith(("homeassistant/", "$"))


def test_levels_are_of_this_box_only():
    assert OURS.levels("mofy/k3f9q2x7/mode/set") == ("mode", "set")
    assert OURS.levels("mofy/k3f9q2x77/mode/set") == ()
    assert OURS.levels("other") == ()

"""Three boxes with real stores and a real broker."""

from __future__ import annotations

import time

import pytest

from tests.fleet.boxes import alike, eventually, fleet_of, template
from tests.mosquitto import Mosquitto, needs_mosquitto

pytestmark = needs_mosquitto


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory):
    with Mosquitto(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture
def boxes(tmp_path, mosquitto, request):
    with fleet_of(tmp_path, mosquitto.port, "abc") as made:
        yield made


def test_who_is_enrolled_on_one_is_known_on_all_and_gone_from_all(boxes):
    a, b, c = boxes
    a.store.enrol("Ann", [template(seed=i) for i in range(3)], "test", note="at the door", expires_at=5e9)
    eventually(lambda: alike(*boxes) and c.shown() == ["Ann"])
    assert b.store.people() == a.store.people(), "ids, times and all"
    c.store.change("Ann", "test", enabled=False)
    eventually(lambda: alike(*boxes) and a.shown() == [])
    b.store.remove("Ann", "test")
    eventually(lambda: all(box.names() == [] for box in boxes))
    time.sleep(0.3)
    assert alike(*boxes)

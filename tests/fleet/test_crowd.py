"""The benchmark of a hundred boxes in small, with bounds for a busy machine."""

from __future__ import annotations

import time

from tests.fleet.boxes import alike, eventually, fleet_of
from tests.fleet.crowd import gone_s, spread_s
from tests.mosquitto import Mosquitto, needs_mosquitto

pytestmark = needs_mosquitto


def test_twelve_boxes_know_somebody_and_forget_him(tmp_path):
    names = [f"box{number}" for number in range(12)]
    with Mosquitto(tmp_path / "broker") as broker, fleet_of(tmp_path, broker.port, names) as boxes:
        eventually(lambda: all(len(box.store.membership().members()) == len(boxes) for box in boxes))
        assert spread_s(boxes, "Ann", photos=3) < 20
        assert gone_s(boxes, "Ann") < 20
        time.sleep(0.2)
        assert alike(*boxes)

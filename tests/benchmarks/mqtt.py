"""`python -m tests.benchmarks.mqtt`: how soon an order over MQTT is in the picture, and what a flood of them costs.

A running box (engine on the staged scene of a red face, agent, mosquitto) and one viewer. Take it on an idle machine.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import psutil

from tests.e2e.test_mqtt import Box
from tests.flood import Flood

TRIALS = 20
FLOOD_S, RATE = 10.0, 5000


def main() -> None:
    """Measure both and print a line each."""
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder))
        try:
            print(_orders(box))
            print(_flood(box))
        finally:
            box.close()


def _orders(box: Box) -> str:
    viewer = box.viewer()
    took = []
    for _ in range(TRIALS):
        asked_at = time.monotonic()
        box.home.ask("command/slate")
        took.append(viewer.wait_for(lambda picture: picture.slate, 20).at - asked_at)
        box.home.ask("command/selective")
        viewer.wait_for(lambda picture: not picture.slate, 20)
        time.sleep(0.5)
    median, worst = statistics.median(took) * 1000, max(took) * 1000
    return f"from the order to the viewer's picture: {median:.0f} ms (median of {TRIALS}), {worst:.0f} ms (worst)"


def _flood(box: Box) -> str:
    agent = psutil.Process(box.control.pid)
    before, memory, cpu = _fps(box, 3.0), agent.memory_info().rss, _cpu_s(agent)
    with Flood(box.broker.port, f"{box.home.root}/style/set", RATE) as flood:
        began = time.monotonic()
        during = _fps(box, FLOOD_S)
        seconds = time.monotonic() - began
    grown, spent = (agent.memory_info().rss - memory) / 1e6, (_cpu_s(agent) - cpu) / seconds * 100
    return (
        f"{flood.sent / seconds:.0f} orders a second for {seconds:.0f} s: {during:.1f} frames a second "
        f"({before:.1f} before), agent {spent:.0f} % of one processor, {grown:+.1f} MB"
    )


def _fps(box: Box, seconds: float) -> float:
    seen, end_at = [], time.monotonic() + seconds
    while time.monotonic() < end_at:
        time.sleep(0.5)
        seen.append(box.status()["fps"])
    return statistics.mean(seen)


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


if __name__ == "__main__":
    main()

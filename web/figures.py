"""The engine's report as figures for Prometheus. Numbers only: no name, no id of a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, get_args

from appliance.options import Mode
from appliance.status import State, Status
from web.reported import Report

if TYPE_CHECKING:
    from prometheus_client.core import Metric

GAUGES: Mapping[str, tuple[str, Callable[[Status], float]]] = {
    "frames_per_second": ("Masked frames that leave the box", lambda now: now.fps),
    "window_frames": ("Frames that the picture looks ahead", lambda now: now.window),
    "busy_ratio": ("Share of the time in which the engine works on frames", lambda now: now.busy),
    "cpu_processors": ("Processors that the engine keeps busy", lambda now: now.cpu_percent / 100),
    "memory_bytes": ("Resident memory of the engine", lambda now: now.memory_mb * 1e6),
    "people": ("People who may be shown", lambda now: now.people),
    "clients": ("Viewers connected", lambda now: now.clients),
    "recording": ("1 while the picture is recorded", lambda now: now.recording),
    "throttled": ("1 while the board slows itself down", lambda now: bool(now.throttled)),
    "faults": ("Things that are wrong", lambda now: len(now.faults)),
}
"""Name (after mofy_), meaning, and the number in a report."""


class Collector:
    """One report, as prometheus_client wants to be given it."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def collect(self) -> Iterator[Metric]:
        """Every figure; of an engine that is off or silent, that it is."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily

        now = self._report.live
        yield GaugeMetricFamily("mofy_up", "1 while the engine reports", value=float(now is not None))
        if now is None:
            return
        yield GaugeMetricFamily("mofy_report_age_seconds", "Age of the engine's report", value=self._report.age_s)
        yield InfoMetricFamily("mofy", "What runs where", value={"version": now.version, "board": now.board})
        for name, (meaning, figure) in GAUGES.items():
            yield GaugeMetricFamily(f"mofy_{name}", meaning, value=float(figure(now)))
        if now.temperature_c is not None:
            yield GaugeMetricFamily("mofy_temperature_celsius", "Of the board", value=now.temperature_c)
        yield CounterMetricFamily("mofy_dropped_frames", "Frames of the camera that were left out", value=now.dropped)
        for name, meaning, label, numbers in _labelled(now):
            family = GaugeMetricFamily(f"mofy_{name}", meaning, labels=[label])
            for value, number in numbers.items():
                family.add_metric([value], float(number))
            yield family


def exposition(report: Report) -> tuple[bytes, str]:
    """The text of the figures, and its media type."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(Collector(report))
    return generate_latest(registry), CONTENT_TYPE_LATEST


def _labelled(now: Status) -> Iterator[tuple[str, str, str, Mapping[str, float]]]:
    """Name, meaning, label and number by the label's value."""
    yield "state", "1 for the state that the engine is in", "state", {one: one == now.state for one in get_args(State)}
    yield "mode", "1 for the mode that is obeyed", "mode", {one: one == now.mode for one in get_args(Mode)}
    yield "faces", "Faces in the picture", "verdict", {"covered": now.covered, "shown": now.shown}
    seconds = {stage: ms / 1000 for stage, ms in now.latency_ms.items()}
    yield "stage_seconds", "Mean time of a frame by stage; delay is from camera to outputs", "stage", seconds
    claims = Counter(claim.state for claim in now.claims if claim.kind == "reveal")
    guests = {state: claims[state] for state in ("pending", "active", "refused")}
    yield "guests", "Wishes to reveal a face, by what became of them", "state", guests

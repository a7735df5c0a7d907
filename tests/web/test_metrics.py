"""What Prometheus is told, read back with its own parser; and who may ask."""

from __future__ import annotations

from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from appliance.status import ClaimStatus
from tests.web.conftest import RUNNING

FULL = replace(
    RUNNING, window=10, dropped=7, busy=0.5, cpu_percent=80.0, memory_mb=250.0, temperature_c=61.5, throttled="too hot",
    latency_ms={"step": 9.5}, clients=2, recording=True, people=3, faults=("a", "b"), board='Pi "5"\n',
    claims=(ClaimStatus("x", "reveal", "active", "shown", 7), ClaimStatus("y", "cover", "active", "covered", 8)),
)  # fmt: skip


def figures(page, **options) -> dict:
    answer = page.get("/metrics", **options)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.get_data(as_text=True))
        for sample in family.samples
    }


def test_the_report_is_told_as_numbers(page):
    page.engine_says(FULL)
    told = figures(page)
    assert told["mofy_up",] == 1
    assert told["mofy_frames_per_second",] == pytest.approx(29.7)
    assert told["mofy_dropped_frames_total",] == 7
    assert (told["mofy_cpu_processors",], told["mofy_memory_bytes",]) == (0.8, 250e6)
    assert (told["mofy_faces", "covered"], told["mofy_faces", "shown"]) == (3, 1)
    assert (told["mofy_state", "running"], told["mofy_state", "failed"]) == (1, 0)
    assert (told["mofy_mode", "selective"], told["mofy_mode", "slate"]) == (1, 0)
    assert told["mofy_stage_seconds", "step"] == pytest.approx(0.0095)
    assert (told["mofy_guests", "active"], told["mofy_guests", "refused"]) == (1, 0)
    assert (told["mofy_throttled",], told["mofy_recording",], told["mofy_faults",]) == (1, 1, 2)
    assert told["mofy_temperature_celsius",] == 61.5
    assert any(name[0] == "mofy_info" and 'Pi "5"\n' in name for name in told)


@pytest.mark.parametrize("age_s", [None, 60.0])
def test_an_engine_that_is_off_or_silent_is_down_and_has_no_figures(page, age_s):
    if age_s:
        page.engine_says(FULL, age_s=age_s)
    assert figures(page) == {("mofy_up",): 0}


def test_nobody_else_on_the_network_is_told(page):
    page.engine_says(FULL)
    page.client.delete_cookie("mofy")
    assert figures(page)["mofy_up",] == 1, "a program on this machine needs no login"
    elsewhere = page.get("/metrics", environ_base={"REMOTE_ADDR": "192.168.0.9"})
    assert elsewhere.status_code == 401
    assert b"mofy_" not in elsewhere.data
    proxied = page.get("/metrics", headers={"X-Forwarded-For": "192.168.0.9"})
    assert proxied.status_code == 401
    strange = page.get("/metrics", environ_base={"REMOTE_ADDR": ""})
    assert strange.status_code == 401


def test_no_name_or_id_of_a_person_is_told(page):
    anna = page.enrol("Anna")
    page.engine_says(FULL)
    text = page.get("/metrics").get_data(as_text=True)
    assert "Anna" not in text
    assert anna.id not in text

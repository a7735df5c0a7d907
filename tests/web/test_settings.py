"""The box itself: its name, its stream with a code to scan, who changed what, what it is made of; and the app."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from appliance.live import wishes
from appliance.live.credentials import PASSWORD
from appliance.store import Desired
from tests.web.conftest import RUNNING
from web import about

LAN = replace(RUNNING, source="/dev/video0", address="rtsp://127.0.0.1:8554/live")


def test_the_box_is_called_as_is_wished(page):
    page.post("/settings/name", name="  Stage   left · 무대 ")
    assert wishes.wished_name(page.box.data) == "Stage left · 무대"
    assert 'value="Stage left · 무대"' in page.text("/settings")
    assert page.get("/manifest.webmanifest").get_json()["name"] == "MOFY Stage left · 무대"
    page.post("/settings/name", name="x" * 41)
    page.post("/settings/name", name="a\x00b")
    assert wishes.wished_name(page.box.data) == "Stage left · 무대"
    page.post("/settings/name", name="")
    assert wishes.wished_name(page.box.data) == ""


def test_the_stream_has_its_address_password_and_code(page, monkeypatch):
    monkeypatch.setattr(about, "addresses", lambda: ["192.168.4.1"])
    page.engine_says(LAN)
    page.box.data.mkdir(exist_ok=True)
    (page.box.data / PASSWORD).write_text("pass word&\n")
    shown = page.text("/settings")
    assert "rtsp://192.168.4.1:8554/live" in shown
    assert "rtsp://mofy:pass%20word%26@192.168.4.1:8554/live" in shown
    assert "<svg" in shown.partition('class="qr"')[2][:200]
    assert "style=" not in shown
    assert page.get("/settings").headers["Cache-Control"] == "no-store"


def test_a_staged_stream_stays_on_the_box(page, monkeypatch):
    monkeypatch.setattr(about, "addresses", lambda: ["192.168.4.1"])
    page.engine_says()
    shown = page.text("/settings")
    assert "rtsp://127.0.0.1:8554/live" in shown
    assert 'class="qr"' not in shown


def test_changes_are_told_with_names_and_times(page):
    anna = page.enrol("Anna <b>")
    Desired(page.box.data).cover_person(anna.id, time.time() + 3600, "page")
    shown = page.text("/settings/changes")
    assert "Anna &lt;b&gt;: kept covered, until " in shown
    assert anna.id not in shown
    assert ".".join(str(time.time() + 3600).split(".")[:1])[:6] not in shown, "moments are for people"


def test_what_it_is_made_of_has_its_licence(page):
    shown = page.text("/settings/about")
    assert "yunet" in shown
    assert "MIT" in shown
    assert "Apache License 2.0" in shown


@pytest.mark.parametrize("path", ["/settings", "/settings/changes", "/settings/about"])
def test_strangers_learn_nothing(page, stranger, path):
    assert stranger.get(path).status_code == 303


def test_the_app_can_be_installed_by_anybody_who_sees_the_login(stranger):
    manifest = stranger.get("/manifest.webmanifest")
    assert manifest.mimetype == "application/manifest+json"
    said = manifest.get_json()
    assert (said["display"], said["name"]) == ("standalone", "MOFY"), "the box's name is for those who are let in"
    for icon in said["icons"]:
        picture = stranger.get(icon["src"])
        assert picture.data.startswith(b"\x89PNG")
        width = int.from_bytes(picture.data[16:20], "big")
        assert icon["sizes"] == f"{width}x{width}"
    assert stranger.get("/service-worker.js").mimetype in ("text/javascript", "application/javascript")
    away = stranger.text("/away")
    assert "The box is not reachable" in away
    assert "기기에 연결할 수 없습니다" in away

"""The network on the page: what it is in, joining, the box's own Wi-Fi; wishes for the service and nothing else."""

from __future__ import annotations

import time

import pytest

from appliance.network import own, report, wishes
from appliance.network.report import Report, Seen
from appliance.store import Desired

SEEN = (Seen("Set <4>", 71, "WPA2", True), Seen("Café 한", 40, "", False))


def told(page, **options) -> None:
    options = {"state": "wifi", "at": time.time(), "ssid": "Set <4>", "radio": True, "seen": SEEN, **options}
    report.write(Report(**{"known": ("Set <4>",), **options}), page.box.runtime)


def taken(page) -> list[tuple[str, str, str]]:
    return [(one.kind, one.ssid, one.password) for one in wishes.take(page.box.data, page.box.runtime)]


def test_it_tells_what_the_box_is_in_and_what_it_sees(page):
    told(page)
    shown = page.text("/settings/network")
    assert "In the Wi-Fi Set &lt;4&gt;" in shown
    assert "Set &lt;4&gt; · 71 % · known" in shown
    assert "Café 한 · 40 % · open" in shown
    assert "/settings/network" in page.text("/settings")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("own", "own Wi-Fi is open: MOFY-2cc5"),
        ("cable", "On a cable"),
        ("joining", "Joining"),
        ("searching", "no network"),
    ],
)
def test_every_state_has_its_words(page, state, words):
    told(page, state=state, own="MOFY-2cc5", guests=2)
    assert words in page.text("/settings/network")


def test_a_failure_is_told_in_the_language_of_the_page(page):
    told(page, failure="password", failed_ssid="Café 한", words="Café 한: the password is not the right one")
    assert "<strong>Café 한</strong>: The password is not the right one." in page.text("/settings/network")
    korean = page.text("/settings/network", headers={"Accept-Language": "ko"})
    assert "비밀번호가 맞지 않습니다" in korean


def test_joining_leaves_a_wish_whose_password_nobody_sees(page):
    told(page)
    page.post("/settings/network/join", ssid="Set <4>", other="", password="pass word")
    page.post("/settings/network/join", ssid="", other="Hidden", password="")
    assert taken(page) == [("join", "Set <4>", "pass word"), ("join", "Hidden", "")]
    noted = [what for _, _, what in Desired(page.box.data).audit()]
    assert noted == ["network: joining Hidden", "network: joining Set <4>"]
    page.post("/settings/network/join", ssid="Set <4>", password="pass word")
    locked = next(page.box.runtime.glob(f"{wishes.PREFIX}*")).read_bytes()
    assert b"pass word" not in locked


def test_the_other_buttons(page):
    told(page)
    page.post("/settings/network/own", own="on")
    page.post("/settings/network/own", own="off")
    page.post("/settings/network/look")
    page.post("/settings/network/forget", ssid="Set <4>")
    assert [kind for kind, _, _ in taken(page)] == ["own", "automatic", "scan", "forget"]
    assert page.post("/settings/network/own", own="perhaps").status_code == 400


@pytest.mark.parametrize("fields", [{"ssid": "Set"}, {"ssid": "", "other": ""}, {"ssid": "x" * 40}])
def test_what_cannot_be_is_refused_in_words(page, fields):
    told(page)
    answer = page.post("/settings/network/join", password="short" if len(fields) == 1 else "", **fields)
    assert answer.status_code == 303
    assert taken(page) == []
    assert "of a Wi-Fi has" in page.text("/settings/network")
    assert "short" not in answer.get_data(as_text=True)


def test_the_own_wifi_can_be_shown_to_another_phone(page):
    told(page, state="own", own="MOFY-2cc5")
    page.box.data.mkdir(exist_ok=True)
    wifi = own.make(page.box.data)
    shown = page.text("/settings/network")
    assert wifi.name in shown
    assert wifi.password in shown
    assert "<svg" in shown.partition('class="qr"')[2][:200]


def test_where_nothing_looks_after_the_network_it_says_so_in_a_line(page):
    assert "Wi-Fi is not looked after" in page.text("/settings/network")
    told(page, at=time.time() - 1000)
    assert "Wi-Fi is not looked after" in page.text("/settings/network")
    told(page, state="unmanaged", radio=False)
    assert "Wi-Fi is not looked after" in page.text("/settings/network")
    assert "<form" not in page.text("/settings/network").partition("<main")[2]
    told(page, state="cable", radio=False)
    assert "This box has no Wi-Fi." in page.text("/settings/network")


@pytest.mark.parametrize("path", ["", "/join", "/forget", "/look", "/own"])
def test_strangers_neither_see_nor_wish(page, stranger, path):
    told(page)
    answer = stranger.post(f"/settings/network{path}", ssid="x") if path else stranger.get("/settings/network")
    assert answer.status_code in (303, 401)
    assert taken(page) == []


def test_the_page_answers_to_the_names_that_are_announced(page):
    from web.hosts import Hosts

    page.box.data.mkdir(exist_ok=True)
    hosts = Hosts(True, (), page.box.data)
    assert hosts.mean_this_box("mofy.local:8080")
    assert not hosts.mean_this_box("mofy-0000.local")
    wifi = own.make(page.box.data)
    assert hosts.mean_this_box(f"{wifi.name.lower()}.local:8080")
    assert not Hosts(False, (), page.box.data).mean_this_box(f"{wifi.name.lower()}.local")
    assert not hosts.mean_this_box("mofy-evil.local")

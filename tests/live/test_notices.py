"""What slates say: the addresses people can use, in both languages, and secrets to nobody but the local display."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from appliance import reach
from appliance.config import load
from appliance.core.slate import LocalNotice, Notice
from appliance.live import words
from appliance.live.notices import FIRST_PIN, Notices, modules
from appliance.network import own, report
from appliance.sinks import Login

LOGIN = Login("mofy", "p/ss word")
LAN = ("192.168.0.12", "10.0.0.3")


@pytest.fixture
def folder(tmp_path) -> Path:
    """Of a box whose page is served and whose first PIN nobody has used."""
    reach.tell_page(tmp_path, "http", "0.0.0.0", 8080)
    (tmp_path / FIRST_PIN).write_text("482913\n")
    return tmp_path


def notices(folder: Path, lan=LAN, login: Login | None = LOGIN, now: float = 1.8e9, **options: dict) -> Notices:
    changes = {"box": {"name": "stage left", "language": "en"}, **options}
    return Notices(load(changes=changes), folder, 8554, login, lambda: lan, lambda: now)


def places(notice: Notice) -> dict[str, str]:
    return {place.label: place.address for place in notice.places}


def test_the_display_tells_everything(folder):
    local = notices(folder).local("camera-lost")
    assert local.notice.name == "stage left"
    assert local.notice.words == (words.SITUATIONS["camera-lost"]["en"],)
    assert places(local.notice) == {"Page": "http://192.168.0.12:8080", "Stream": "rtsp://192.168.0.12:8554/live"}
    assert [code.modules for code in local.notice.codes] == [modules("http://192.168.0.12:8080")]
    assert [(one.label, one.words) for one in local.secrets] == [("PIN", "482913")]
    assert [code.modules for code in local.codes] == [modules("rtsp://mofy:p%2Fss%20word@192.168.0.12:8554/live")]
    assert local.notice.alert


def test_the_own_wifi_is_told_on_the_display_alone_and_only_while_it_is_open(folder, monkeypatch):
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(folder))
    wifi = own.make(folder)
    code = modules(f"WIFI:T:WPA;S:{wifi.name};P:{wifi.password};;")
    assert code not in [one.modules for one in notices(folder).local("starting").codes]
    report.write(report.Report("own", time.time(), own=wifi.name), folder)
    local = notices(folder).local("starting")
    assert code in [one.modules for one in local.codes]
    assert ("Wi-Fi", f"{wifi.name}  {wifi.password}") in [(one.label, one.words) for one in local.secrets]
    assert wifi.password not in repr(notices(folder, rtsp={"slate_addresses": True}).public("starting"))
    assert code not in [one.modules for one in notices(folder, hdmi={"secrets": False}).local("starting").codes]


def test_streams_tell_neither_addresses_nor_secrets(folder):
    assert type(notices(folder).public("starting")) is Notice
    assert notices(folder).public("starting").places == ()
    assert notices(folder).public("starting").codes == ()
    told = notices(folder, rtsp={"slate_addresses": True}).public("starting")
    assert places(told) == {"Page": "http://192.168.0.12:8080", "Stream": "rtsp://192.168.0.12:8554/live"}
    assert [code.modules for code in told.codes] == [modules("http://192.168.0.12:8080")]
    assert "482913" not in repr(told)
    assert "ss word" not in repr(told)


def test_a_display_that_strangers_see_can_be_kept_from_telling(folder):
    local = notices(folder, hdmi={"secrets": False}).local("starting")
    assert (local.secrets, local.codes) == ((), ())
    assert local.notice.codes


def test_a_pin_that_was_used_or_cannot_be_read_is_not_told(folder):
    (folder / FIRST_PIN).unlink()
    assert notices(folder).local("starting").secrets == ()
    for rubbish in (b"\xff\xfe", b"", b"\x1b[31m", b"1" * 500):
        (folder / FIRST_PIN).write_bytes(rubbish)
        assert notices(folder).local("starting").secrets == ()


def test_what_only_this_machine_can_reach_is_told_to_nobody(folder):
    reach.tell_page(folder, "http", "127.0.0.1", 8080)
    local = notices(folder, rtsp={"address": "127.0.0.1"}, login=None).local("starting")
    assert (local.notice.places, local.notice.codes, local.codes) == ((), (), ())


def test_without_a_network_it_says_so(folder):
    local = notices(folder, lan=()).local("starting")
    assert places(local.notice) == {"Network": "not connected"}
    assert local.codes == ()


def test_a_clock_that_stands_in_the_past_is_not_shown(folder):
    assert notices(folder, now=3600.0).public("starting").clock == ""
    assert notices(folder).public("starting").clock.startswith("2027-01-1")


def test_a_page_that_ended_is_not_told(folder):
    reach.forget_page(folder)
    assert notices(folder).local("starting").notice.codes == ()
    for rubbish in ("", "[]", "{}", '{"scheme": "http", "host": null, "port": "x"}', "\x00"):
        (folder / reach.PAGE).write_text(rubbish)
        assert notices(folder).local("starting").notice.codes == ()


@pytest.mark.parametrize(
    ("language", "first"), [("en", "Camera lost"), ("ko", "카메라 연결 끊김"), ("both", "카메라 연결 끊김")]
)
def test_it_speaks_the_languages_it_should(folder, language, first):
    local = notices(folder, box={"language": language, "name": ""}).local("camera-lost")
    assert isinstance(local, LocalNotice)
    assert local.notice.words[0].title == first
    assert len(local.notice.words) == (2 if language == "both" else 1)
    assert local.notice.name


def test_every_situation_and_label_is_said_in_every_language():
    for which in words.SITUATIONS:
        assert set(words.SITUATIONS[which]) == {"en", "ko"}
        assert all(one.title and one.detail for one in words.SITUATIONS[which].values())
    assert all(set(labels) == {"en", "ko"} for labels in words.LABELS.values())
    assert words.label("page", "both") == "페이지 · Page"
    assert words.label("pin", "both") == "PIN"

"""What engine, store and jobs say in English has words in the language of the page."""

import pytest

from appliance import config, throttling
from appliance.errors import MofyError
from appliance.jobs import uploads
from appliance.jobs.shelf import Shelf
from appliance.live.clock import Clock
from appliance.live.hearing import Silent
from appliance.live.recording import Recording
from appliance.live.wishes import Wishes, checked, checked_name
from appliance.store import Store
from appliance.store.people import clean_name, clean_note
from tests.jobs.conftest import options
from web.plain import plain, refusal

KOREAN = {"Accept-Language": "ko"}


class Asked:
    wishes = Wishes("selective", {}, True, "on", ())


def set_back() -> Clock:
    wall = iter((1_790_000_000.0, 1_789_990_000.0, 1_789_990_000.0))
    clock = Clock(lambda: next(wall), lambda: 0.0)
    clock()
    return clock


def test_faults_of_a_running_engine(page):
    said = [
        throttling.UNDER_VOLTAGE,
        throttling.TOO_HOT,
        set_back().fault,
        Silent(lambda: Asked.wishes).fault,
        Recording(config.load().record, Asked(), None).fault,
        "alsa:plughw:1: nothing is heard",
        "hdmi: HDMI-A-1: cannot be opened",
        "push to rtmp://a.example/live: it does not answer; it is tried again",
        "/films: cannot be recorded to (permission denied)",
        "/films: less than 500 MB of room are left",
        "the covers stay as they are: no picture",
    ]
    with page.client.application.test_request_context(headers=KOREAN):
        told = [plain(words) for words in said]
    assert [words for words, one in zip(said, told) if one.language is not None] == []
    assert "rtmp://a.example/live(으)로" in told[7].text


@pytest.mark.parametrize(
    ("attempt", "told"),
    [
        (lambda data: clean_name("  "), "글자가 하나 이상"),
        (lambda data: clean_name("x" * 101), "100자까지"),
        (lambda data: clean_name("a\u202eb"), "보이지 않는 문자"),
        (lambda data: clean_note("x" * 1001), "메모는"),
        (lambda data: checked_name("x" * 500), "자까지"),
        (lambda data: checked("window", "100000"), "고를 수 없는 값"),
        (lambda data: Shelf(data, options().jobs).job("0" * 16), "더 이상 없습니다"),
        (lambda data: uploads.begin(Shelf(data, options().jobs), "a.jpg", 0, (), {}, "me"), "빈 파일"),
        (lambda data: uploads.begin(Shelf(data, options().jobs), "a.jpg", 10**15, (), {}, "me"), "너무 큽니다"),
        (lambda data: Store.open(data).change("Bert", "test", new_name="ANNA"), "Anna"),
    ],
)
def test_what_a_person_may_enter_wrongly(page, attempt, told):
    page.enrol("Anna")
    page.enrol("Bert")
    with pytest.raises(MofyError) as refused:
        attempt(page.box.data)
    with page.client.application.test_request_context(headers=KOREAN):
        words = refusal(str(refused.value))
    assert words.language is None
    assert told in words.text


def test_a_refused_form_speaks_the_language_of_the_page(page):
    page.enrol("Anna")
    bert = page.enrol("Bert")
    fields = {"csrf_token": page.token(), "name": "Anna"}
    page.client.post(f"/people/{bert.id}/change", data=fields, base_url="http://localhost:8080", headers=KOREAN)
    assert "이미 등록되어 있습니다" in page.text(f"/people/{bert.id}", headers=KOREAN)

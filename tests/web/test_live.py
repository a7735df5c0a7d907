"""What the page tells: never an old picture as a live one, never a nice word about a dead engine."""

import json
import os
import time
from dataclasses import replace

import pytest

from appliance.sinks.preview import NAME
from appliance.status import NAME as REPORT
from appliance.status import STALE_S, TrackStatus
from appliance.store import DATABASE, KEY, Desired, Store
from tests.sealer import Machine
from tests.web.conftest import RUNNING


def state(page) -> dict:
    return page.get("/status.json").get_json()


def test_the_page_of_a_box_that_never_ran(page):
    shown = page.text()
    assert "The camera is off" in shown
    assert "Enrol somebody" in shown
    assert 'src="/preview.jpg"' not in shown
    assert page.untouched, "looking changes nothing"


def test_a_running_engine_is_told_in_words_and_figures(page):
    page.engine_says(replace(RUNNING, temperature_c=61.4, clients=2))
    shown = page.text()
    for words in ("Live", "Faces covered</dt><dd>3", "Faces shown</dt><dd>1", "Frames a second</dt><dd>30", "61 °C"):
        assert words in shown
    assert 'src="/preview.jpg"' in shown
    assert RUNNING.address in shown


@pytest.mark.parametrize(
    ("word", "headline", "tone"),
    [
        ("starting", "Starting", "wait"),
        ("running", "Live", "calm"),
        ("no-picture", "No picture", "bad"),
        ("stopping", "Stopping", "wait"),
        ("failed", "Stopped by a fault", "bad"),
    ],
)
def test_every_state_has_its_words(page, word, headline, tone):
    page.engine_says(replace(RUNNING, state=word, faults=("the lens is on fire",)))
    told = state(page)["told"]
    assert (told["headline"], told["tone"], told["faults"]) == (
        headline,
        tone,
        [{"text": "the lens is on fire", "language": "en"}],
    )


def test_a_silent_engine_is_not_called_live(page):
    page.engine_says(age_s=STALE_S + 4)
    told = state(page)["told"]
    assert told["tone"] == "bad"
    assert "7 seconds ago" in told["detail"]
    assert told["figures"] == []
    assert page.get("/health").status_code == 503


@pytest.mark.parametrize(
    "rubbish", ["", "{", "[]", "null", '{"state": "running"}', "\x00", '{"tracks": 3, "faults": 1}']
)
def test_a_report_that_cannot_be_read_is_no_report(page, rubbish):
    (page.box.runtime / REPORT).write_text(rubbish)
    assert state(page)["told"]["headline"] == "The camera is off"
    assert page.get("/health").get_json() == {"page": "ok", "engine": "off"}


def test_the_preview_is_the_engines_own_file(page):
    page.engine_says()
    answer = page.get("/preview.jpg")
    assert answer.mimetype == "image/jpeg"
    assert answer.data == (page.box.runtime / NAME).read_bytes()
    assert state(page)["preview"]


def test_an_old_preview_is_not_shown_as_live(page):
    page.engine_says()
    before = time.time() - STALE_S - 1
    os.utime(page.box.runtime / NAME, (before, before))
    assert page.get("/preview.jpg").status_code == 404
    assert not state(page)["preview"]
    assert 'src="/preview.jpg"' not in page.text()


def test_people_are_listed_with_what_matters(page):
    now = time.time()
    page.enrol("<b>Bob & Ann</b>")
    page.enrol("Later", expires_at=now + 86_400)
    page.enrol("Gone", expires_at=now - 5)
    shown = page.text()
    assert "&lt;b&gt;Bob &amp; Ann&lt;/b&gt;" in shown
    assert "<b>Bob" not in shown
    assert "until " in shown
    assert "expired" in shown
    assert shown.count('role="switch" aria-checked="true"') == 3


def test_who_is_in_the_picture_is_marked(page):
    anna, bert = page.enrol("Anna"), page.enrol("Bert")
    seen = (TrackStatus(1, (0, 0, 9, 9), anna.id), TrackStatus(2, (9, 0, 20, 9), None))
    page.engine_says(replace(RUNNING, tracks=seen))
    assert state(page)["in_view"] == [anna.id]
    listed = page.text()
    assert '<span class="here" >' in listed.partition(f"person-{anna.id}")[2].partition("</li>")[0]
    assert '<span class="here" hidden>' in listed.partition(f"person-{bert.id}")[2].partition("</li>")[0]
    page.engine_says(replace(RUNNING, tracks=seen), age_s=60)
    assert state(page)["in_view"] == [], "a dead engine shows nobody"


def test_names_stay_on_the_page(page):
    """The engine's report has ids; names are for who looks at the page."""
    anna = page.enrol("Anna Unmistakable")
    page.engine_says(replace(RUNNING, tracks=(TrackStatus(1, (0, 0, 9, 9), anna.id),)))
    assert "Unmistakable" not in json.dumps(state(page)["status"]) + page.text("/health")


def test_any_change_of_wishes_is_seen_by_an_open_page(page):
    seen = [state(page)["desired"]]
    anna = page.enrol("Anna")
    store = Store.open(page.box.data)
    for change in (
        lambda: None,
        lambda: store.change("Anna", "test", enabled=False),
        lambda: store.change("Anna", "test", new_name="Anne"),
        lambda: store.set_setting("mode", "cover-everyone", "test"),
        lambda: store.remove("Anne", "test"),
    ):
        change()
        seen.append(state(page)["desired"])
    assert anna.id
    assert len(set(seen)) == len(seen)
    assert state(page)["desired"] == seen[-1], "and without a change it stays"


def test_a_lost_key_is_told_and_the_page_lives(page):
    page.enrol("Anna")
    (page.box.data / KEY).unlink()
    shown = page.text()
    assert "The key of the people is missing" in shown
    assert "Anna" not in shown


def test_a_key_that_this_machine_cannot_open_is_told_and_everyone_can_be_covered(page, tmp_path_factory, monkeypatch):
    machine = Machine(tmp_path_factory.mktemp("machine"), monkeypatch)
    page.enrol("Anna")
    machine.seal(page.box.data / KEY)
    assert "Anna" in page.text()
    machine.not_as_root()
    shown = page.text()
    assert "cannot open the key of the people, so everyone is covered" in shown
    assert "Anna" not in shown
    assert page.post("/mode", mode="cover-everyone").status_code == 303
    assert Desired(page.box.data).settings() == {"mode": "cover-everyone"}


def test_a_damaged_store_is_told_and_counts_as_cover_everyone(page):
    page.enrol("Anna")
    (page.box.data / DATABASE).write_bytes(b"rubbish" * 999)
    shown = page.text()
    assert "damaged" in shown
    assert 'value="cover-everyone" aria-pressed="true"' in shown


@pytest.mark.parametrize(
    ("does", "wished", "words"),
    [
        ("selective", "selective", "People who are switched on"),
        ("cover-everyone", "cover-everyone", "Nobody is shown"),
        ("cover-everyone", "selective", "started to cover everyone"),
        ("selective", "cover-everyone", "not confirmed yet"),
    ],
)
def test_what_the_engine_does_is_told_not_what_is_wished(page, does, wished, words):
    page.engine_says(replace(RUNNING, mode=does))
    Desired(page.box.data).set_setting("mode", wished, "test")
    told = state(page)["told"]
    assert words in told["detail"]
    assert ("everyone is covered" in told["headline"]) == (does == "cover-everyone")


def test_health_says_whether_a_picture_leaves(page):
    page.engine_says()
    assert page.get("/health").get_json() == {"page": "ok", "engine": "running"}
    page.engine_says(replace(RUNNING, state="no-picture"))
    assert page.get("/health").status_code == 503


def test_without_javascript_the_page_renews_itself(page):
    assert '<noscript><meta http-equiv="refresh"' in page.text()

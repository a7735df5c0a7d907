"""The audit in the reader's language: whatever the box writes into it has words."""

import math
import time

import numpy as np
import pytest

from appliance.store import Desired, Store
from appliance.store.people import Template
from appliance.store.tokens import Tokens
from tests.scripted import identity
from web import history

ANNA = "0123456789abcdef"


def written(page) -> list[tuple[str, str]]:
    """Who and what, after everything that store and page can do was done once."""
    data = page.box.data
    anna = page.enrol("Anna")
    store, desired, tokens = Store.open(data), Desired(data), Tokens(data)
    store.change("Anna", "page", new_name="Ann", note="asked", expires_at=time.time() + 3600, enabled=False)
    other = Template("m", identity("Bert"), np.zeros((112, 112, 3), np.uint8), 0.9, 0.1)
    store.reject("Ann", [other], "page")
    store.unreject("Ann", "page")
    for key, value in (("mode", "slate"), ("style", "blur"), ("record", "true"), ("style", None)):
        desired.set_setting(key, value, "page")
    claim = desired.reveal("run1", 7, time.time() + 60, "command line", "Gus")
    desired.cover("run1", 8, None, "page")
    desired.cover_person(anna.id, math.inf, "page")
    desired.withdraw(claim, "page")
    desired.reveal("run1", 9, time.time() + 60, "page")
    desired.forget_guests("page")
    tokens.make("script", "command line")
    tokens.revoke("script", "command line")
    store.remove("Ann", "guest abcd1234")
    return [(who, what) for _, who, what in desired.audit(100)]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_line_has_words(page, language):
    lines = written(page)
    assert len(lines) >= 16
    with page.client.application.test_request_context(headers={"Accept-Language": language}):
        told = [history.told(what, {}) for _, what in lines]
        assert [what for (_, what), words in zip(lines, told) if words.language is not None] == []
        assert all("%(" not in words.text for words in told)


def test_names_values_and_people_who_are_gone(page):
    with page.client.application.test_request_context(headers={"Accept-Language": "ko"}):
        assert (
            history.told(f"person {ANNA}: name and expiry changed", {ANNA: "안나"}).text
            == "안나: 이름, 보이는 기간 변경"
        )
        assert history.told(f"person {ANNA}: removed", {}).text == "012345: 삭제"
        assert history.told("setting mode: cover-everyone", {}).text == "화면: 모두 가리기"
        assert history.actor("guest abcd1234") == "게스트 abcd1234"
        assert history.actor("somebody else") == "somebody else"


def test_a_line_of_tomorrow_is_told_as_it_is(page):
    with page.client.application.test_request_context(headers={"Accept-Language": "ko"}):
        told = history.told(f"{ANNA} did something at 1790000000.5", {ANNA: "Anna"})
    assert told.language == "en"
    assert told.text.startswith("Anna did something at 20")

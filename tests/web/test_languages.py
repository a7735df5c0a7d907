"""Korean and English, whole."""

from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import web
from tests.web.conftest import RUNNING

HERE = Path(web.__file__).parent
KOREAN = HERE / "translations" / "ko" / "LC_MESSAGES" / "messages.po"
SOURCES = [("**.py", "python"), ("templates/**.html", "jinja2")]


def catalogue():
    with KOREAN.open("rb") as file:
        return read_po(file, locale="ko")


def words(messages) -> dict[str, str]:
    """Source texts and translations; of plurals the singular source, for Korean has no other."""
    whole = [(m.id if isinstance(m.id, str) else m.id[0], m.string) for m in messages if m.id]
    return {text: said if isinstance(said, str) else said[0] for text, said in whole}


@pytest.mark.parametrize(
    ("wished", "got"),
    [
        ("ko-KR,ko;q=0.9,en;q=0.5", "ko"),
        ("ko", "ko"),
        ("de-DE,ko;q=0.4", "ko"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("", "en"),
    ],
)
def test_the_browsers_language_decides(page, wished, got):
    assert f'<html lang="{got}">' in page.text(headers={"Accept-Language": wished})


def test_the_switch_overrides(page):
    english = {"Accept-Language": "en"}
    page.post("/language", language="ko")
    assert '<html lang="ko">' in page.text(headers=english)
    assert "카메라가 꺼져 있습니다" in page.text(headers=english)
    page.post("/language", language="en")
    assert '<html lang="en">' in page.text(headers={"Accept-Language": "ko"})


def test_a_broken_cookie_is_no_choice(page):
    page.client.set_cookie("mofy-language", "../../etc")
    assert '<html lang="en">' in page.text()


def test_words_for_the_script_speak_the_same_language(page):
    page.engine_says()
    told = page.get("/status.json", headers={"Accept-Language": "ko"}).get_json()["told"]
    assert told["headline"] == "라이브"
    assert ["가린 얼굴", str(RUNNING.covered)] in told["figures"]


def test_everything_is_translated():
    texts = {words for _, _, words, _, _ in extract_from_dir(HERE, SOURCES)}
    known = {message.id for message in catalogue() if message.id}
    assert texts == known, "web/translations lacks something, or has something that is gone"
    assert [m.id for m in catalogue() if m.id and not all([m.string] if isinstance(m.string, str) else m.string)] == []
    assert [(m.id, list(m.check())) for m in catalogue() if list(m.check())] == []


def test_the_compiled_words_are_of_the_same_text():
    """Made anew with: pybabel compile -d web/translations"""
    with KOREAN.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)
    assert words(compiled) == words(catalogue())

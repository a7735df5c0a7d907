"""`mofy help` finds chapters and commands by name or by what they tell of, in both languages."""

import click
import pytest
from click.testing import CliRunner

from appliance import parts
from appliance.cli import help as manual
from appliance.errors import InputError


def told(*words: str) -> str:
    run = CliRunner().invoke(manual.command, list(words), catch_exceptions=False)
    assert run.exit_code == 0, run.output
    return run.output


def test_without_a_topic_all_chapters_are_listed():
    lines = told("--language", "en").splitlines()
    assert [line.split()[2] for line in lines] == list(manual.chapters("en"))


def test_both_languages_have_the_same_chapters_and_none_is_called_like_a_command():
    english, korean = manual.chapters("en"), manual.chapters("ko")
    assert list(english) == list(korean)
    assert not set(english) & set(parts.names("cli"))
    assert all(title and len(text) > 200 for one in (english, korean) for title, text in one.values())


@pytest.mark.parametrize(("language", "title"), [("en", "## Sound and voices"), ("ko", "## 소리와 목소리")])
def test_a_chapter_is_shown_whole_and_alone(language, title):
    text = told("sound", "--language", language)
    assert text.startswith(title)
    assert text.count("\n## ") == 0


def test_a_command_explains_itself_and_so_does_one_within_it():
    assert "--source" in told("run")
    assert "mofy people add" in told("people", "add")


def test_other_words_lead_to_the_chapters_that_tell_of_them():
    assert "mofy help slates" in told("camera", "lost", "--language", "en")
    assert "mofy help overlay" in told("page", "fstab", "--language", "en") + told("fstab", "--language", "en")


def test_nonsense_is_told_in_one_line_with_what_there_is():
    with pytest.raises(InputError, match="no chapter and no command tells of 'xyzzy'; there are day, need, install"):
        manual.mentioning(manual.chapters("en"), "xyzzy")


def test_a_manual_that_is_not_installed_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(manual, "DOCS", tmp_path)
    with pytest.raises(InputError, match=r"the manual is not here; `mofy --help`"):
        manual.chapters("en")


@pytest.mark.parametrize(
    ("environment", "language"),
    [({"LANG": "ko_KR.UTF-8"}, "ko"), ({"LC_ALL": "C", "LANG": "ko_KR.UTF-8"}, "en"), ({}, "en"),
     ({"LANG": "ko_KR.UTF-8", "TERM": "linux"}, "en")],
)  # fmt: skip
def test_the_language_is_the_terminals(environment, language):
    assert manual.tongue(environment) == language


def test_it_is_a_command_of_mofy():
    assert isinstance(parts.part("cli", "help").command, click.Command)


def test_a_terminal_is_told_of_no_pictures():
    _, text = manual.chapters("en")["first"]
    assert "slates.jpg" in text
    left = manual.PICTURE.sub("", text)
    assert "slates.jpg" not in left
    assert "Connect display and network" in left

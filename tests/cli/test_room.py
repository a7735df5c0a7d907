"""Lines break between words where a terminal ends, and stay whole for programs."""

import sys

import pytest

from appliance.cli import _room


@pytest.fixture
def narrow(monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "30")


WORDS = "    the disk is full, so nothing can be recorded: make room at /var/lib/mofy/a-very-long-name-of-a-folder"


def test_a_terminal_gets_whole_words(narrow):
    lines = _room.fitted(WORDS, 6).splitlines()
    assert " ".join(line.strip() for line in lines) == WORDS.strip()
    assert all(line.startswith("    ") for line in lines)
    assert all(len(line) <= 30 or " " not in line.strip() for line in lines), "only a long word may stand out"


def test_a_program_gets_one_line(monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)
    assert _room.fitted(WORDS) == WORDS

"""The audit's page: what it says first, and that it fits a phone."""

from __future__ import annotations

import pytest

from appliance.auditing.figures import Figures, SizeRow
from appliance.auditing.page import page


def written(faces: int, bare: int, tracks: int) -> str:
    row = SizeRow(20.0, float("inf"), faces, bare, faces, bare)
    return page("Audit", (), Figures((row,), row, tracks, tracks, (), 0, 0, 0, 0.0), (), (), None)


@pytest.mark.parametrize(
    ("faces", "bare", "tracks", "words"),
    [
        (0, 0, 0, "Nothing was judged."),
        (9, 0, 0, "No stranger is bare."),
        (9, 1, 1, "1 stranger is bare in 1 face-frame."),
        (9, 5, 2, "2 strangers are bare in 5 face-frames."),
    ],
)
def test_the_verdict_is_a_sentence_and_no_praise_for_nothing(faces, bare, tracks, words):
    assert words in written(faces, bare, tracks)
    assert ("No stranger is bare." in written(faces, bare, tracks)) == (faces > 0 and not bare)


def test_a_phone_shows_it_at_its_own_width_and_wide_tables_scroll():
    text = written(9, 0, 0)
    assert "name=viewport" in text
    assert text.count('<div class="wide"><table>') == text.count("<table>") == 1
    assert "Bare faces" not in text, "where there is none, no empty list is shown"

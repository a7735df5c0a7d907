"""What a terminal shows of a running picture: one line that is written over, whatever its width."""

from dataclasses import replace

import pytest

from appliance.cli._screen import Screen, line
from tests.test_status import NOW

BUSY = replace(
    NOW, recording=True, sound="live", push="live, 4000 kbit/s", latency_ms={"step": 123.4}, temperature_c=61.2
)


@pytest.mark.parametrize("columns", [20, 40, 80, 132])
def test_the_line_never_runs_over_the_terminals_end(columns):
    told = line(BUSY, columns - 1)
    assert len(told) < columns
    assert told.startswith(NOW.state)


def test_what_matters_most_stays_where_there_is_little_room():
    assert "covered" in line(BUSY, 60)
    assert "watching" in line(BUSY, 79)
    assert "recording" in line(BUSY, 100)
    assert line(BUSY).endswith("61 °C")


def test_the_end_tells_why_and_where_the_recording_is(tmp_path, capsys):
    Screen(quiet=False).end("film.mp4", None)
    assert capsys.readouterr().out == "stopped: film.mp4 is over (--loop begins it again)\n"
    Screen(quiet=False).end("", tmp_path)
    assert capsys.readouterr().out == f"stopped\nrecorded in {tmp_path}\n"
    Screen(quiet=True).end("film.mp4", tmp_path)
    assert capsys.readouterr().out == ""

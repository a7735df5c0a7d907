"""The bench measures the real passes: figures that fit together, and nothing left behind."""

import json
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.cli import cli


def bench(*options: str) -> dict:
    run = CliRunner().invoke(cli, ["bench", "--rounds", "1", "--json", *options])
    assert run.exit_code == 0, run.output
    return json.loads(run.output)


@pytest.fixture
def scratch(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_staged_scene_is_measured_and_nothing_of_it_is_left(photos, scratch, monkeypatch):
    monkeypatch.setenv("MOFY_PHOTOS", str(photos))
    figures = bench("--seconds", "1")
    assert figures["frames"] == 30
    assert (figures["width"], figures["height"], figures["people"]) == (1280, 720, 1)
    assert figures["faces_per_frame"] > 2
    assert 0 < figures["redact_fps"] < figures["plain_fps"]
    assert figures["speed_ratio"] == pytest.approx(figures["redact_fps"] / figures["plain_fps"], abs=0.01)
    assert figures["redact_cpu_ms"] > figures["plain_cpu_ms"]
    assert figures["stages_ms"]["whole step"] >= figures["stages_ms"]["detect"]
    assert 50 < figures["peak_memory_mb"] < 4000
    assert list(scratch.iterdir()) == []


def test_the_figures_are_told_in_a_table(photos, monkeypatch):
    monkeypatch.setenv("MOFY_PHOTOS", str(photos))
    run = CliRunner().invoke(cli, ["bench", "--rounds", "1", "--seconds", "1"])
    assert run.exit_code == 0
    for word in ("no masking", "redact", "ratio", "detect", "peak memory"):
        assert word in run.output


def test_a_missing_clip_is_one_clear_line():
    run = CliRunner().invoke(cli, ["bench", "no-such-clip.mp4"])
    assert run.exit_code != 0
    assert "no-such-clip.mp4: there is no such file" in str(run.exception)

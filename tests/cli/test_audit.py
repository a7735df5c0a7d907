"""mofy audit: exit codes, the table, the record and the page."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from appliance.auditing import models
from appliance.cli import cli
from tests.test_audit import judge_models, staged

__all__ = ["judge_models", "staged"]


def run(*words):
    return CliRunner().invoke(cli, [str(word) for word in words])


def test_exit_code_0_when_nobody_is_bare(staged):
    ran = run("audit", staged["original"], staged["all covered"], "--every", 4)
    assert ran.exit_code == 0, ran.output
    assert "0.00 %" in ran.output


def test_exit_code_1_when_a_stranger_is_bare_and_the_record_says_when(staged, tmp_path):
    page = tmp_path / "audit.html"
    ran = run("audit", staged["original"], staged["biden bare"], "--every", 2, "--json", "--html", page)
    assert ran.exit_code == 1, ran.output
    told = json.loads(ran.output)
    assert told["clean"] is False
    (track,) = told["bare_tracks"]
    assert track["person"] is None
    assert track["frames"] == [10, 12, 14, 16, 18]
    assert "data:image/jpeg;base64," in page.read_text(encoding="utf-8")


def test_enrolled_people_may_be_bare(staged, photos, data_folder):
    added = run("people", "add", "Obama", photos / "obama.jpg", photos / "obama2.jpg")
    assert added.exit_code == 0, added.output
    pair = (staged["original"], staged["strangers covered"], "--every", 3)
    assert run("audit", *pair).exit_code == 1
    ran = run("audit", *pair, "--people")
    assert ran.exit_code == 0, ran.output
    assert "shown in 100.0 %" in ran.output


@pytest.mark.parametrize(
    ("other", "reason"), [("short", "after 37 frames"), ("small", "320x180"), ("late", "4 frames later")]
)
def test_exit_code_2_for_what_is_no_pair(staged, other, reason):
    ran = run("audit", staged["original"], staged[other], "--every", 20)
    assert ran.exit_code == 2
    assert reason in ran.output
    assert ran.output.count("\n") == 1


def test_a_page_that_exists_is_kept(staged, tmp_path):
    page = tmp_path / "audit.html"
    page.write_text("mine")
    ran = run("audit", staged["original"], staged["all covered"], "--html", page)
    assert ran.exit_code == 2
    assert "exists already" in ran.output
    assert page.read_text() == "mine"


@pytest.mark.parametrize("which", ["original", "masked", "link"])
def test_a_page_never_replaces_a_recording_that_is_judged(tmp_path, which):
    for name in ("original", "masked"):
        (tmp_path / name).write_bytes(b"a film")
    (tmp_path / "link").symlink_to("original")
    words = (tmp_path / "original", tmp_path / "masked", "--html", tmp_path / which, "--overwrite")
    ran = run("audit", *words)
    assert ran.exit_code == 2
    assert "is a recording to be judged" in ran.output
    assert {(tmp_path / name).read_bytes() for name in ("original", "masked")} == {b"a film"}


def test_missing_models_are_one_clear_line(tmp_path, monkeypatch):
    monkeypatch.setenv(models.ENVIRONMENT, str(tmp_path / "nothing"))
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"x")
    ran = run("audit", clip, clip)
    assert ran.exit_code == 2
    assert "mofy models add audit" in ran.output
    assert ran.output.count("\n") == 1


def test_a_missing_file_is_one_clear_line(tmp_path):
    ran = run("audit", tmp_path / "no.mp4", tmp_path / "no.mp4")
    assert ran.exit_code == 2
    assert "no.mp4: there is no such file" in ran.output


def test_people_without_a_store_is_told(staged, data_folder):
    ran = run("audit", staged["original"], staged["all covered"], "--people")
    assert ran.exit_code == 2
    assert "nobody is enrolled" in ran.output


def test_models_add_audit_says_where_they_are(judge_models):
    ran = run("models", "add", "audit")
    assert ran.exit_code == 0
    assert str(models.folder()) in ran.output

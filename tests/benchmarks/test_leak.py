"""The leak benchmark: scenes are what their dice say, real clips and controls are measured, the page tells all."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from appliance.capture._stage import Stage
from tests.benchmarks.leak.clips import Bench, clips
from tests.benchmarks.leak.page import Setting, page
from tests.benchmarks.leak.scenes import CROSSINGS, ENROLLED, SECONDS, scene, scenes
from tests.benchmarks.leak.staged import FPS, SIZE, Theatre
from tests.conftest import CHECKOUT
from tests.test_audit import judge_models, staged

__all__ = ["judge_models", "staged"]


def test_as_many_scenes_as_crossings_need_and_all_different():
    played = list(scenes(100, seed=3))
    assert len(played) == 100 // CROSSINGS
    assert played == list(scenes(100, seed=3))
    assert played != list(scenes(100, seed=4))
    assert {one.kind for one in played} == {"change of places", "taking over", "passing"}


@pytest.mark.parametrize("seed", range(12))
def test_in_every_scene_strangers_come_to_the_enrolled_persons_place(photos, seed):
    """Each of the strangers is at some moment where the enrolled person is, or was a moment ago."""
    drawn = scene(seed)
    stage = Stage(photos, *SIZE, FPS, drawn.actors, SECONDS)
    place, met = None, set()
    for index in range(round(SECONDS * FPS)):
        there = {present.person: present.box for present in stage.truth(index)}
        place = there.get(ENROLLED, place)
        met |= {person for person, box in there.items() if person != ENROLLED and box.iou(place) > 0.3}
    assert met == {actor.person for actor in drawn.actors} - {ENROLLED}


def test_a_scene_is_played_and_counted(photos):
    told = []
    figures = Theatre(photos).crossings([scene(1)], CROSSINGS, told.append).figures
    assert told == [1]
    assert figures.stranger_tracks == CROSSINGS
    assert figures.known_sure > 30
    assert figures.all_sizes.bare_strangers == 0


def test_a_clip_is_measured_with_its_people_and_its_controls(photos, staged, tmp_path):
    data = tmp_path / "data"
    (data / "enrol" / "original" / "obama").mkdir(parents=True)
    shutil.copy(photos / "obama.jpg", data / "enrol" / "original" / "obama")
    shutil.copy(staged["original"], data / "original.mp4")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (clip,) = clips(data, [])
    measured = Bench(data, scratch, tmp_path / "cache", 2).measure(clip)
    assert (measured.people, measured.photos) == (("obama",), (1,))
    assert (measured.itself, measured.all_covered) == (100.0, 0.0)
    assert measured.encoded_anew > 95
    assert measured.judgement.figures.all_sizes.strangers > 20
    (kept,) = (tmp_path / "cache").iterdir()
    again = Bench(data, scratch, tmp_path / "cache", 2).measure(clip)
    assert again.judgement.figures == measured.judgement.figures
    assert list((tmp_path / "cache").iterdir()) == [kept]
    text = page(Setting("command", "machine", 5, 0.4), [measured], [], ["staged: why"])
    assert "| original | obama (1) |" in text
    assert "| 100.00 | " in text
    assert np.isfinite(measured.judgement.figures.flicker)


def test_without_clips_it_says_why_they_are_left_out_and_a_kept_run_is_drawn_again(judge_models, tmp_path):
    run_leak("--no-staged", "--data", tmp_path, "--out", tmp_path / "q.md", "--keep", tmp_path / "kept")
    text = (tmp_path / "q.md").read_text(encoding="utf-8")
    assert "clips: there are none" in text
    assert not (tmp_path / "q.svg").exists()
    run_leak("--redraw", tmp_path / "kept", "--out", tmp_path / "again.md")
    assert (tmp_path / "again.md").read_text(encoding="utf-8") == text


def run_leak(*options: str | Path) -> None:
    command = [sys.executable, "-m", "tests.benchmarks.leak", *options]
    run = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr

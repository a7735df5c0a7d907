"""The command itself, in its own process: words, exit codes, signals, what is left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.make_clips import Clip, Sound, make, read
from tests.waiting import PATIENCE_S, slowness

MOFY = [sys.executable, "-c", "from appliance.cli import main; main()"]
CHECKOUT = Path(__file__).resolve().parents[2]


def mofy(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run to the end; whatever happens, no traceback and nothing half."""
    run = subprocess.run(
        [*MOFY, *map(str, words)],
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        env={**os.environ, **environment},
        check=False,
    )
    assert "Traceback" not in run.stderr, run.stderr
    return run


def redact(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return mofy("redact", *words, **environment)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def clip(tmp_path) -> Path:
    (tmp_path / "in").mkdir()
    return make(tmp_path / "in" / "clip.mp4", Clip(size=(160, 96), frames=20, sounds=[Sound()]))


def test_a_clip(tmp_path, clip):
    run = redact(clip, "-o", tmp_path / "out.mp4", "--report", tmp_path / "report.json")
    assert run.returncode == 0
    assert run.stdout.startswith(f"{tmp_path / 'out.mp4'}: 20 frames at ")
    assert "nobody is enrolled" in run.stderr
    assert read(tmp_path / "out.mp4").times == read(clip).times
    assert read(tmp_path / "out.mp4").sounds == read(clip).sounds
    (file,) = json.loads((tmp_path / "report.json").read_text())["files"]
    assert file["input"] == str(clip)
    assert file["frames"] == 20
    assert "\x1b" not in run.stdout + run.stderr


def test_a_folder_with_a_broken_file_among_good_ones(tmp_path, clip):
    (clip.parent / "deep").mkdir()
    Image.new("RGB", (64, 48), (90, 120, 30)).save(clip.parent / "deep" / "photo.png")
    (clip.parent / "broken.mp4").write_bytes(clip.read_bytes()[:3000])
    (clip.parent / "empty.jpg").touch()
    (clip.parent / "notes.txt").write_text("hello")
    run = redact(clip.parent, "-o", tmp_path / "out", "--keep-none", "--report", tmp_path / "r.json")
    assert run.returncode == 1
    assert names(tmp_path / "out") == ["clip.mp4", "deep/photo.png"]
    errors = {
        Path(file["input"]).name: file["error"] for file in json.loads((tmp_path / "r.json").read_text())["files"]
    }
    assert errors["clip.mp4"] is errors["photo.png"] is None
    assert "empty.jpg: is empty" in errors["empty.jpg"]
    assert errors["broken.mp4"]
    assert run.stderr.count("\n") == 3
    assert "passed over 1 other files" in run.stderr


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["nowhere.mp4", "-o", "out.mp4"], "nowhere.mp4: there is no such file"),
        (["CLIP", "-o", "OUT", "--style", "mosiac"], "did you mean mosaic"),
        (["CLIP", "-o", "OUT", "--strength", "6"], "--strength"),
        (["CLIP", "-o", "OUT", "--quality", "99"], "--quality"),
        (["CLIP", "-o", "OUT", "--margin", "-1"], "--margin"),
        (["CLIP", "-o", "OUT", "--keep", "Kim", "--keep-none"], "exclude each other"),
        (["CLIP", "-o", "OUT", "--keep", "Kim"], "--keep Kim: there is no such person; enrolled: nobody"),
        (["CLIP", "-o", "OUT", "--config", "nowhere.toml"], "nowhere.toml: cannot be read"),
        (["CLIP", "-o", "CLIP", "--overwrite"], "never written over"),
        (["CLIP", "-o", "out.bmp"], "a video is written as .mp4"),
        (["CLIP"], "'-o' / '--out'"),
        (["-o", "OUT"], "INPUT"),
    ],
)
def test_what_cannot_be_done_is_told(tmp_path, clip, words, why):
    stand_for = {"CLIP": clip, "OUT": tmp_path / "out.mp4"}
    run = redact(*[stand_for.get(word, word) for word in words])
    assert run.returncode != 0
    assert why in run.stderr
    assert names(tmp_path) == ["in/clip.mp4"]


def test_existing_outputs_are_kept_unless_told_otherwise(tmp_path, clip):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "clip.mp4").write_text("mine")
    run = redact(clip, "-o", tmp_path / "out" / "clip.mp4", "--keep-none")
    assert (run.returncode, "exists already" in run.stderr) == (1, True)
    run = redact(clip.parent, "-o", tmp_path / "out", "--keep-none")
    assert (run.returncode, "exists already" in run.stderr) == (1, True)
    assert (tmp_path / "out" / "clip.mp4").read_text() == "mine"
    assert redact(clip.parent, "-o", tmp_path / "out", "--keep-none", "--overwrite").returncode == 0
    assert len(read(tmp_path / "out" / "clip.mp4").times) == 20


@pytest.fixture(scope="module")
def minute(tmp_path_factory) -> Path:
    """A film that takes seconds to redact, however fast the machine is."""
    noise = np.random.default_rng(3).integers(0, 256, (360, 640, 3), dtype=np.uint8)
    length = Clip(size=(640, 360), frames=1600, pictures=[noise] * 1600, options={"preset": "ultrafast"})
    return make(tmp_path_factory.mktemp("minute") / "long.mp4", length)


@pytest.fixture
def long_clip(tmp_path, minute) -> Path:
    """The same film in a folder of this test's own."""
    (tmp_path / "in").mkdir(exist_ok=True)
    return shutil.copy(minute, tmp_path / "in" / "long.mp4")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_leaves_no_half_file(tmp_path, long_clip, number, code):
    # A suite that nohup began would hand on that a closed terminal is nothing to it.
    process = subprocess.Popen(
        ["env", "--default-signal=HUP",
         *MOFY, "redact", str(long_clip), "-o", str(tmp_path / "out.mp4"), "--keep-none"],
        stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not any(path.stat().st_size for path in tmp_path.glob(".mofy-part-*")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(number)
    began = time.monotonic()
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == code, (out, err)
    assert time.monotonic() - began < 10 * slowness()
    assert err == "mofy: stopped after 0 of 1 files; no half file is left\n"
    assert names(tmp_path) == ["in/long.mp4"]


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, long_clip):
    run = subprocess.run(
        ["bash", "-c", 'ulimit -f 100; exec "$@"', "-", *MOFY, "redact", str(long_clip), "--keep-none",
         "-o", str(tmp_path / "out.mp4")], capture_output=True, text=True, cwd=CHECKOUT, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert "file too large" in run.stderr
    assert names(tmp_path) == ["in/long.mp4"]


def test_a_report_that_cannot_be_written_is_told_before_any_work(tmp_path, clip):
    run = redact(clip, "-o", tmp_path / "out.mp4", "--report", tmp_path / "nowhere" / "r.json")
    assert run.returncode == 1
    assert "--report" in run.stderr
    assert names(tmp_path) == ["in/clip.mp4"]


def test_the_enrolled_is_shown_and_a_stranger_is_not(tmp_path, photos, data_folder):
    """Real faces over the moving pattern, one of them enrolled: the whole way."""
    assert mofy("people", "add", "Obama", photos / "obama.jpg", photos / "obama2.jpg").returncode == 0
    mine, other = (_face(photos / name) for name in ("obama3.jpg", "biden.jpg"))
    pictures = []
    for number in range(45):
        picture = np.full((360, 640, 3), 128, np.uint8)
        picture[60:260, 20 + 2 * number : 220 + 2 * number] = mine
        picture[100:300, 400 - number : 600 - number] = other
        pictures.append(picture)
    source = make(tmp_path / "in.mp4", Clip(size=(640, 360), frames=45, pictures=pictures))
    run = redact(source, "-o", tmp_path / "out.mp4", "--report", tmp_path / "r.json")
    assert run.returncode == 0, run.stderr
    (file,) = json.loads((tmp_path / "r.json").read_text())["files"]
    assert file["shown_by_person"]["Obama"] > 30
    for number, picture in enumerate(read(tmp_path / "out.mp4").pictures):
        x = 400 - number
        changed = np.abs(picture[150:250, x + 50 : x + 150].astype(int) - other[50:150, 50:150]).mean()
        assert changed > 15, f"the stranger is bare in frame {number}"
    kept = redact(source, "-o", tmp_path / "b.mp4", "--keep", "obama")
    assert kept.returncode == 0
    assert "Obama shown " in kept.stdout
    unknown = redact(source, "-o", tmp_path / "c.mp4", "--keep", "Biden")
    assert "--keep Biden: there is no such person; enrolled: Obama" in unknown.stderr


def _face(path: Path) -> np.ndarray:
    """(200, 200, 3): the photo's largest face with hair and chin."""
    from appliance import assembly, config
    from appliance.core.frames import from_rgb
    from appliance.finding import TilingFinder

    picture = Image.open(path).convert("RGB")
    finder = TilingFinder(assembly.detector(config.load()), 0, 1)
    frame = from_rgb(np.asarray(picture), full_chroma=True)
    box = max(finder.find(frame), key=lambda face: face.box.area).box
    side = max(box.width, box.height) * 0.8
    x, y = box.centre
    return np.asarray(picture.crop((int(x - side), int(y - side), int(x + side), int(y + side))).resize((200, 200)))

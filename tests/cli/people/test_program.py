"""The program as it is installed, with real photos and terminals."""

import json
import os
import pty
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import cv2
import numpy as np
import pytest

from appliance.files.pictures import load
from appliance.store import Store
from tests.make_clips import Clip, make
from tests.selfie.filmed import film

CHECKOUT = Path(__file__).resolve().parents[3]


def mofy(*words, **options):
    code = "from appliance.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *map(str, words)],
        cwd=CHECKOUT,
        capture_output=True,
        check=False,
        **options,
    )


def one_line(run, code=1):
    told = run.stderr.decode()
    assert run.returncode == code, told
    assert "Traceback" not in told
    assert told.count("\n") == 1, told
    assert told.startswith("mofy: ")
    return told


def test_the_real_program_enrols_real_photos(photos, data_folder):
    run = mofy("people", "add", "오바마", *(photos / f"{name}.jpg" for name in ("obama", "obama2", "obama3")))
    assert (run.returncode, run.stderr) == (0, b"")
    assert run.stdout.decode() == "오바마: 3 photos: good\n"
    run = mofy("people", "add", "오바마", photos / "biden.jpg")
    assert run.returncode == 1
    assert b"does not look like" in run.stderr
    run = mofy("people", "show", unicodedata.normalize("NFD", "오바마"), "--json")
    assert json.loads(run.stdout)["verdict"] == "3 photos: good"


def test_the_real_program_enrols_a_clip_checks_and_rejects(photos, data_folder, tmp_path):
    still = load(photos / "obama.jpg").rgb
    still = cv2.resize(still, (720, still.shape[0] * 720 // still.shape[1] // 2 * 2), interpolation=cv2.INTER_AREA)
    clip = film(tmp_path / "clip.mov", [np.roll(still, i, axis=1) for i in range(20)])
    run = mofy("people", "add", "오바마", clip, photos / "obama2.jpg", photos / "obama3.jpg")
    assert (run.returncode, run.stderr) == (0, b"")
    assert "frames taken: frontal" in run.stdout.decode()
    run = mofy("people", "reject", "오바마", photos / "biden.jpg")
    assert (run.returncode, run.stderr) == (0, b"")
    run = mofy("people", "check", "오바마", "--json")
    assert (run.returncode, run.stderr) == (0, b"")
    (told,) = json.loads(run.stdout)
    assert told["rejected"] == 1
    assert all(one["recognised"] for one in told["photos"])
    run = mofy("people", "check")
    assert (run.returncode, run.stderr) == (0, b"")


def test_the_real_program_tells_a_bad_clip_in_a_line_and_stores_nothing(data_folder, tmp_path):
    (tmp_path / "bad.mp4").write_bytes(b"\0\0\0\x20ftypisom" + b"\xff" * 5000)
    clips = [tmp_path / "bad.mp4", make(tmp_path / "nobody.mp4", Clip((320, 240))), tmp_path]
    run = mofy("people", "add", "Ann", *clips)
    assert (run.returncode, b"Traceback" in run.stderr) == (1, False)
    lines = run.stderr.decode().splitlines()
    assert len(lines) == 4
    assert [": not used: " in line for line in lines] == [True, True, True, False]
    assert not data_folder.exists()


def test_the_real_program_tells_faults_in_one_line(data_folder, tmp_path):
    assert "nobody is enrolled" in one_line(mofy("people", "show", "Ann"))
    assert "nobody is enrolled" in one_line(mofy("people", "export", tmp_path / "x"))
    run = mofy("people", "add", "Ann", tmp_path / "missing.jpg")
    assert (run.returncode, b"Traceback" in run.stderr) == (1, False)
    data_folder.mkdir()
    (data_folder / "people.db").write_bytes(b"garbage" * 1000)
    for words in (
        ["list"],
        ["check"],
        ["check", "A"],
        ["unreject", "A"],
        ["reject", "A", "x.jpg"],
        ["show", "A"],
        ["remove", "A"],
        ["rename", "A", "B"],
        ["refresh"],
    ):
        assert "damaged" in one_line(mofy("people", *words))
    assert "not a directory" in one_line(mofy("people", "list", "--data", "/dev/null"))
    assert (data_folder / "people.db").read_bytes() == b"garbage" * 1000, "nothing was touched"


def test_a_terminal_that_knows_only_ascii_is_no_reason_to_fail(data_folder):
    Store.open(data_folder, create=True).enrol("김민수", [], "test")
    run = mofy("people", "list", env={**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert b"Traceback" not in run.stderr
    assert run.returncode == 0


def test_a_reader_that_leaves_is_no_reason_for_a_traceback(data_folder):
    store = Store.open(data_folder, create=True)
    for i in range(50):
        store.enrol(f"{i} " + "x" * 90, [], "test", note="y" * 900)
    code = f"{sys.executable} -c 'from appliance.cli import main; main()' people list | head -c 100 >/dev/null"
    run = subprocess.run(["bash", "-c", code], cwd=CHECKOUT, capture_output=True, check=False)
    assert b"Traceback" not in run.stderr


def test_a_passphrase_is_asked_for_in_a_terminal_and_not_shown(data_folder, tmp_path):
    Store.open(data_folder, create=True).enrol("Ann", [], "test")
    code = "from appliance.cli import main; main()"
    try:
        child, terminal = pty.fork()
    except OSError as error:
        pytest.skip(f"this machine has no terminals to give ({error})")
    if child == 0:
        os.chdir(CHECKOUT)
        os.execv(sys.executable, [sys.executable, "-c", code, "people", "export", str(tmp_path / "all.mofy")])
    seen = b""
    for prompt in (b"Passphrase:", b"confirmation:"):
        while prompt not in seen:
            seen += os.read(terminal, 1000)
        time.sleep(0.1)
        os.write(terminal, b"typed in secret\n")
        seen = b"" if prompt == b"Passphrase:" else seen
    while True:
        try:
            piece = os.read(terminal, 1000)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0, seen
    assert b"secret" not in seen
    assert (tmp_path / "all.mofy").stat().st_size > 100
